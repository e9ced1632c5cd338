package survey

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

func decoded[T any](t *testing.T, text string) *T {
	t.Helper()
	t.Helper()
	v := new(T)
	require.NoError(t, json.Unmarshal([]byte(text), v))
	return v
}

func object(t *testing.T, text string) *cluster.Object {
	t.Helper()
	t.Helper()
	o := &cluster.Object{}
	require.NoError(t, o.UnmarshalJSON([]byte(text)))
	return o
}

// registry is one as regctl deploys it, with a container that others put before its own.
const registry = `{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"docker-registry","namespace":"ns","labels":{"docker-registry":"default"}},
 "spec":{"replicas":1,"selector":{"matchLabels":{"docker-registry":"default"}},"template":{"metadata":{"labels":{"docker-registry":"default"}},"spec":{
  "serviceAccountName":"registry",
  "containers":[{"name":"side","image":"side:v1"},{"name":"registry","image":"regctl/regctl:v1","ports":[{"containerPort":5000}],
   "env":[{"name":"REGISTRY_HTTP_TLS_CERTIFICATE","value":"/etc/pki/tls/private/tls.crt"},{"name":"REGCTL_SERVE_ROOT","value":"/registry"},
    {"name":"REGISTRY_AUTH_HTPASSWD_PATH","value":"/etc/registry/users/htpasswd"}],
   "livenessProbe":{"httpGet":{"path":"/healthz","port":5000,"scheme":"HTTPS"}},
   "volumeMounts":[{"name":"images","mountPath":"/registry"},{"name":"cert","mountPath":"/etc/pki/tls/private"},{"name":"users","mountPath":"/etc/registry/users"}]}],
  "volumes":[{"name":"images","persistentVolumeClaim":{"claimName":"data"}},{"name":"cert","secret":{"secretName":"r-tls"}},{"name":"users","secret":{"secretName":"r-users"}}]}}},
 "status":{"replicas":1,"updatedReplicas":1,"availableReplicas":1}}`

func now() time.Time { return time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC) }

// certificate is a PEM certificate for names that ends so many days from now.
func certificate(t *testing.T, days int, names ...string) []byte {
	t.Helper()
	t.Helper()
	dir := t.TempDir()
	o := certs.Options{Days: days, Now: now}
	ca, err := certs.CreateCA(certs.CAFiles{Cert: dir + "/ca.crt", Key: dir + "/ca.key", Serial: dir + "/serial"}, "ca", certs.Options{Days: 4000, Now: now})
	require.NoError(t, err)
	_, err = ca.CreateServer(certs.PairFiles{Cert: dir + "/tls.crt", Key: dir + "/tls.key"}, names, o)
	require.NoError(t, err)
	b, err := os.ReadFile(dir + "/tls.crt")
	require.NoError(t, err)
	return b
}

func all(t *testing.T) Objects {
	t.Helper()
	return Objects{
		Workload: object(t, registry),
		Pods: []corev1.Pod{*decoded[corev1.Pod](t, `{"metadata":{"name":"p1","namespace":"ns"},"spec":{"nodeName":"node0","containers":[{"name":"side","image":"side:v1"},{"name":"registry","image":"regctl/regctl:v1"}]},
			"status":{"phase":"Running","podIP":"10.0.0.9","conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"restartCount":1},{"restartCount":2}]}}`)},
		Services:  []corev1.Service{*decoded[corev1.Service](t, `{"metadata":{"name":"docker-registry"},"spec":{"type":"ClusterIP","clusterIP":"10.1.1.1","ports":[{"port":5000,"protocol":"TCP"}]}}`)},
		Endpoints: map[string][]string{"docker-registry": {"10.0.0.9:5000"}},
		Claim:     decoded[corev1.PersistentVolumeClaim](t, `{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"fast"},"status":{"phase":"Bound","capacity":{"storage":"10Gi"}}}`),
		TLS:       &corev1.Secret{Data: map[string][]byte{"tls.crt": certificate(t, 400, "docker-registry.ns.svc", "registry.example.com")}},
		Users:     &corev1.Secret{Data: map[string][]byte{"htpasswd": []byte("admin:$2y$05$x\n# eve:x\njane:$2y$05$y\n")}},
		Volume:    &Usage{Used: 5 << 30, Free: 5 << 30},
	}
}

func read(t *testing.T, o Objects) *Status {
	t.Helper()
	template, err := TemplateOf(o.Workload)
	require.NoError(t, err)
	s, err := Read("docker-registry", o, template, now())
	require.NoError(t, err)
	return s
}

func TestReadOfOneThatIsWell(t *testing.T) {
	s := read(t, all(t))
	require.Empty(t, s.Warnings)
	require.True(t, s.Ready)
	require.Equal(t, Workload{Object: "deployment.apps/docker-registry", State: "1 of 1 pods are ready", Image: "regctl/regctl:v1", Replicas: 1, ReadyReplicas: 1, ServiceAccount: "registry"}, s.Workload)
	require.Equal(t, Pod{Name: "p1", Phase: "Running", Ready: true, Restarts: 3, Node: "node0", IP: "10.0.0.9", Image: "regctl/regctl:v1"}, Pod{Name: s.Pods[0].Name, Phase: s.Pods[0].Phase, Ready: s.Pods[0].Ready, Restarts: s.Pods[0].Restarts, Node: s.Pods[0].Node, IP: s.Pods[0].IP, Image: s.Pods[0].Image})
	require.Equal(t, Storage{Kind: "pvc", Place: "data", MountPath: "/registry", Phase: "Bound", Capacity: "10Gi", Class: "fast", Modes: []string{"ReadWriteOnce"}, Used: 5 << 30, Free: 5 << 30}, s.Storage)
	require.Equal(t, "r-tls", s.TLS.Secret)
	require.Equal(t, 400, *s.TLS.DaysLeft)
	require.Equal(t, []string{"docker-registry.ns.svc", "registry.example.com"}, s.TLS.Names)
	require.Equal(t, Auth{Kind: "htpasswd", Secret: "r-users", Users: []string{"admin", "jane"}}, s.Auth)
	require.Equal(t, []Service{{Name: "docker-registry", Type: "ClusterIP", ClusterIP: "10.1.1.1", Ports: []string{"5000/TCP"}, Endpoints: []string{"10.0.0.9:5000"}}}, s.Services)
	require.Equal(t, []string{"deployment.apps/docker-registry", "service/docker-registry", "persistentvolumeclaim/data", "secret/", "secret/"}, s.Objects)
}

func TestWarnings(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(o *Objects)
		text  string
	}{
		"a certificate that ends soon": {func(o *Objects) {
			o.TLS.Data["tls.crt"] = certificate(t, 12, "docker-registry.ns.svc")
		}, "the certificate in secret/r-tls expires in 12 days"},
		"a certificate of another name": {func(o *Objects) { o.TLS.Data["tls.crt"] = certificate(t, 400, "other.example.com") }, "the certificate is not valid for docker-registry.ns.svc"},
		"a certificate that is none":    {func(o *Objects) { o.TLS.Data["tls.crt"] = []byte("nonsense") }, "certificate: tls.crt: "},
		"a certificate that is missing": {func(o *Objects) { o.TLS = nil }, "the secret does not exist or cannot be read"},
		"probes in plain HTTP":          {func(o *Objects) { replace(t, o, `"scheme":"HTTPS"`, `"scheme":"HTTP"`) }, "the probes use HTTP but the registry serves HTTPS"},
		"plain HTTP, and probes in TLS": {func(o *Objects) {
			replace(t, o, `"REGISTRY_HTTP_TLS_CERTIFICATE","value":"/etc/pki/tls/private/tls.crt"`, `"REGCTL_SERVE_NO_TLS","value":"true"`)
		}, "the probes use HTTPS but the registry serves HTTP"},
		"images in the pod":         {func(o *Objects) { replace(t, o, `"persistentVolumeClaim":{"claimName":"data"}`, `"emptyDir":{}`) }, "the images are lost with the pod"},
		"several pods on one claim": {func(o *Objects) { replace(t, o, `"replicas":1,"selector"`, `"replicas":2,"selector"`) }, "2 replicas on a claim with mode ReadWriteOnce"},
		"several pods on node directories": {func(o *Objects) {
			replace(t, o, `"replicas":1,"selector"`, `"replicas":2,"selector"`)
			replace(t, o, `"persistentVolumeClaim":{"claimName":"data"}`, `"hostPath":{"path":"/x"}`)
		}, "2 replicas do not share storage"},
		"a claim without a volume": {func(o *Objects) { o.Claim.Status.Phase = corev1.ClaimPending }, "persistentvolumeclaim/data is Pending"},
		"a full volume":            {func(o *Objects) { o.Volume = &Usage{Used: 99 << 20, Free: 1 << 20} }, "the storage is nearly full: 1 of 100 MB are free"},
		"no service":               {func(o *Objects) { o.Services = nil }, "no service selects its pods"},
		"no endpoints":             {func(o *Objects) { o.Endpoints = nil }, "service/docker-registry has no endpoints"},
		"no password":              {func(o *Objects) { replace(t, o, `REGISTRY_AUTH_HTPASSWD_PATH`, `OTHER`) }, "anonymous push and delete"},
		"scaled to nothing":        {func(o *Objects) { replace(t, o, `"replicas":1,"selector"`, `"replicas":0,"selector"`) }, "it is scaled to 0 replicas"},
		"a route of another name": {func(o *Objects) {
			o.Routes = []cluster.Object{*object(t, `{"kind":"Route","apiVersion":"route.openshift.io/v1","metadata":{"name":"r"},"spec":{"host":"out.example.com","to":{"name":"docker-registry"},"tls":{"termination":"passthrough"}}}`)}
		}, "the certificate is not valid for out.example.com"},
		"a pod that crashes":  {func(o *Objects) { o.Pods[0].Status.ContainerStatuses[0].RestartCount = 9 }, "pod/p1 restarted 11 times"},
		"what cannot be read": {func(o *Objects) { o.Gaps = []Warning{{Text: "Secret: unknown: no"}} }, "Secret: unknown: no"},
	} {
		t.Run(name, func(t *testing.T) {
			o := all(t)
			c.spoil(&o)
			var texts []string
			for _, w := range read(t, o).Warnings {
				texts = append(texts, w.Text)
			}
			require.Contains(t, strings.Join(texts, "\n"), c.text)
		})
	}
}

// replace changes the workload's text.
func replace(t *testing.T, o *Objects, old, repl string) {
	t.Helper()
	b, err := o.Workload.MarshalJSON()
	require.NoError(t, err)
	text := strings.ReplaceAll(string(b), old, repl)
	require.NotEqual(t, string(b), text, "%s is not in %s", old, b)
	o.Workload = object(t, text)
}

func TestExposure(t *testing.T) {
	o := all(t)
	o.Services = append(o.Services, *decoded[corev1.Service](t, `{"metadata":{"name":"out"},"spec":{"type":"LoadBalancer","ports":[{"port":443,"nodePort":30443,"protocol":"TCP"}]},"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}`))
	o.Ingresses = []networkingv1.Ingress{*decoded[networkingv1.Ingress](t, `{"metadata":{"name":"i","annotations":{"nginx.ingress.kubernetes.io/ssl-passthrough":"true"}},"spec":{"rules":[{"host":"registry.example.com","http":{"paths":[{"backend":{"service":{"name":"docker-registry"}}}]}}]}}`)}
	o.Routes = []cluster.Object{
		*object(t, `{"kind":"Route","apiVersion":"route.openshift.io/v1","metadata":{"name":"r"},"spec":{"host":"edge.example.com","to":{"name":"docker-registry"},"tls":{"termination":"edge"}}}`),
		*object(t, `{"kind":"TLSRoute","apiVersion":"gateway.networking.k8s.io/v1alpha2","metadata":{"name":"g"},"spec":{"hostnames":["registry.example.com"],"rules":[{"backendRefs":[{"name":"docker-registry"}]}]}}`),
	}
	require.Equal(t, []Exposure{
		{"service/out", "192.0.2.1:443", "passthrough"}, {"service/out", "NODE:30443", "passthrough"},
		{"ingress.networking.k8s.io/i", "registry.example.com", "passthrough"},
		{"route.route.openshift.io/r", "edge.example.com", "edge"}, {"tlsroute.gateway.networking.k8s.io/g", "registry.example.com", "passthrough"},
	}, read(t, o).Exposure)
	require.Equal(t, []string{"docker-registry"}, ingressServices(&o.Ingresses[0]))
	require.Contains(t, routeServices(&o.Routes[1]), "docker-registry")
}

func TestOldRegistries(t *testing.T) {
	dc := object(t, `{"kind":"DeploymentConfig","apiVersion":"apps.openshift.io/v1","metadata":{"name":"docker-registry"},"spec":{"replicas":1,"template":{"spec":{
	 "containers":[{"name":"registry","image":"openshift3/ose-docker-registry:v3.11","ports":[{"containerPort":5000}],
	  "env":[{"name":"REGISTRY_MIDDLEWARE_REPOSITORY_OPENSHIFT_ENFORCEQUOTA","value":"false"}],"volumeMounts":[{"name":"registry-storage","mountPath":"/registry"}]}],
	 "volumes":[{"name":"registry-storage","nfs":{"server":"files","path":"/export"}}]}}}}`)
	template, err := TemplateOf(dc)
	require.NoError(t, err)
	s, _ := template.storage()
	require.Equal(t, Storage{Kind: "nfs", Place: "files:/export", MountPath: "/registry"}, s)
	require.Equal(t, Auth{Kind: "openshift"}, template.auth())
	require.False(t, template.Secure())
	require.Equal(t, "/registry", template.Root())

	old := object(t, `{"kind":"DeploymentConfig","apiVersion":"apps.openshift.io/v1","metadata":{"name":"docker-registry"},"spec":{"template":{"spec":{
	 "containers":[{"name":"registry","image":"openshift/origin-docker-registry:v1.0.0"}]}}}}`)
	template, err = TemplateOf(old)
	require.NoError(t, err)
	require.Equal(t, Auth{Kind: "openshift"}, template.auth())

	plain := object(t, `{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"r"},"spec":{"template":{"spec":{"containers":[{"name":"x","image":"registry:2"}]}}}}`)
	template, err = TemplateOf(plain)
	require.NoError(t, err)
	s, _ = template.storage()
	require.Equal(t, Storage{Kind: "none", Place: "the container itself", Ephemeral: true}, s)
	require.EqualValues(t, 5000, template.Port())

	bucket := object(t, `{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"r"},"spec":{"template":{"spec":{"containers":[{"name":"x","env":[{"name":"REGCTL_SERVE_STORAGE","value":"s3://images/prefix?region=r"}]}]}}}}`)
	template, err = TemplateOf(bucket)
	require.NoError(t, err)
	s, _ = template.storage()
	require.Equal(t, Storage{Kind: "s3", Place: "images/prefix"}, s)
}

func TestUsage(t *testing.T) {
	s := decoded[nodeSummary](t, `{"pods":[{"podRef":{"name":"p1","namespace":"ns"},"volume":[{"name":"images","availableBytes":7,"usedBytes":3},{"name":"x"}]}]}`)
	require.Equal(t, &Usage{Used: 3, Free: 7}, s.of("ns", "p1", "images"))
	require.Nil(t, s.of("ns", "p1", "x"))
	require.Nil(t, s.of("ns", "p2", "images"))
}

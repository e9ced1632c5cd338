package openshift3_test

import (
	"crypto/rand"
	"encoding/json"
	"testing"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/kube"
	"github.com/regctl/regctl/internal/platform/openshift3"
	"github.com/regctl/regctl/internal/platform/platformtest"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/stretchr/testify/require"
)

func offline(t *testing.T) platform.Platform {
	t.Helper()
	return openshift3.New(kube.Platform{
		Client: &cluster.Client{Namespace: "default"}, Image: "regctl/regctl:test", Rand: rand.Reader, Now: time.Now,
		Confirm: func(question string) error { t.Errorf("asked: %s", question); return nil },
		Warn:    t.Logf, Say: t.Logf,
	})
}

func TestPlatform(t *testing.T) { platformtest.Run(t, offline) }

func TestWhatTheImageCannotDoIsRefused(t *testing.T) {
	for _, c := range []struct{ image, auth, advice string }{
		{"", platform.AuthHtpasswd, "--auth openshift, or regctl's own image, which has a password file: --image regctl/regctl:TAG"},
		{"registry.example.com:5000/openshift3/ose-docker-registry:v3.9", platform.AuthNone, "--auth openshift, or regctl's own image, which has a password file: --image regctl/regctl:TAG"},
		{"example.com/mirror/regctl:v1", platform.AuthOpenShift, "--auth htpasswd"},
		{"example.com/mirror/regctl@sha256:" + "0123456789abcdef", platform.AuthOpenShift, "--auth htpasswd"},
	} {
		_, err := offline(t).Complete(t.Context(), platform.Spec{
			Name: "r", Workload: &platform.Workload{Image: c.image}, Auth: &platform.Auth{Kind: c.auth},
			Storage: &platform.Storage{EmptyDir: &platform.EmptyDir{}},
		})
		require.ErrorIs(t, err, platform.ErrUnsupported)
		require.Equal(t, c.advice, hint.Of(err))
		require.Equal(t, 2, hint.CodeOf(err))
	}
}

// pod plans a registry, and returns its pod and all objects' names.
func pod(t *testing.T, s platform.Spec) (spec map[string]any, names []string) {
	t.Helper()
	p := offline(t)
	full, err := p.Complete(t.Context(), s)
	require.NoError(t, err)
	changes, err := p.Plan(t.Context(), full)
	require.NoError(t, err)
	results, err := plan.Compare(t.Context(), changes, false)
	require.NoError(t, err)
	for _, r := range results {
		names = append(names, r.Change.String())
		var o struct {
			Spec struct{ Template struct{ Spec map[string]any } }
		}
		if json.Unmarshal(r.Want, &o) == nil && o.Spec.Template.Spec != nil {
			spec = o.Spec.Template.Spec
		}
	}
	return spec, names
}

func env(t *testing.T, pod map[string]any) map[string]any {
	t.Helper()
	all := map[string]any{}
	for _, v := range pod["containers"].([]any)[0].(map[string]any)["env"].([]any) {
		v := v.(map[string]any)
		all[v["name"].(string)] = v["value"]
		if from, ok := v["valueFrom"].(map[string]any); ok {
			ref := from["secretKeyRef"].(map[string]any)
			all[v["name"].(string)] = "secret " + ref["name"].(string) + " " + ref["key"].(string)
		}
	}
	return all
}

func TestBucket(t *testing.T) {
	keys := []byte("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
	spec, names := pod(t, platform.Spec{Name: "docker-registry", Storage: &platform.Storage{S3: &platform.S3{Bucket: "images/dev", Endpoint: "https://s3.example.com", Access: platform.Access{Credentials: keys}}}})
	require.Equal(t, map[string]any{
		"REGISTRY_HTTP_ADDR": ":5000", "REGISTRY_HTTP_NET": "tcp", "REGISTRY_HTTP_SECRET": "secret docker-registry-http secret",
		"REGISTRY_MIDDLEWARE_REPOSITORY_OPENSHIFT_ENFORCEQUOTA": "false",
		"REGISTRY_STORAGE": "s3", "REGISTRY_STORAGE_CACHE_BLOBDESCRIPTOR": "inmemory", "REGISTRY_STORAGE_DELETE_ENABLED": "true",
		"REGISTRY_STORAGE_S3_BUCKET": "images", "REGISTRY_STORAGE_S3_ROOTDIRECTORY": "/dev", "REGISTRY_STORAGE_S3_REGION": "us-east-1",
		"REGISTRY_STORAGE_S3_REGIONENDPOINT": "https://s3.example.com",
		"REGISTRY_STORAGE_S3_ACCESSKEY":      "secret docker-registry-s3 REGISTRY_STORAGE_S3_ACCESSKEY",
		"REGISTRY_STORAGE_S3_SECRETKEY":      "secret docker-registry-s3 REGISTRY_STORAGE_S3_SECRETKEY",
	}, env(t, spec))
	require.Contains(t, names, "secret/docker-registry-s3")
	require.Empty(t, spec["volumes"])
}

// TestRegctlsOwnImage: it has users, its variables hold whatever the image's are, and
// it may write nothing but its storage.
func TestRegctlsOwnImage(t *testing.T) {
	spec, names := pod(t, platform.Spec{Name: "docker-registry", Workload: &platform.Workload{Image: "regctl/regctl:v1"}, Storage: &platform.Storage{EmptyDir: &platform.EmptyDir{}}})
	set := env(t, spec)
	require.Equal(t, "true", set["REGCTL_SERVE_NO_TLS"])
	require.Equal(t, "/etc/registry/users/htpasswd", set["REGISTRY_AUTH_HTPASSWD_PATH"])
	require.NotContains(t, names, "clusterrolebinding.rbac.authorization.k8s.io/registry-registry-role", "it asks the cluster for nothing")
	require.NotContains(t, spec, "securityContext", "the constraints say who it is")
	require.Equal(t, map[string]any{
		"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "privileged": false, "capabilities": map[string]any{"drop": []any{"ALL"}},
	}, spec["containers"].([]any)[0].(map[string]any)["securityContext"])

	spec, _ = pod(t, platform.Spec{Name: "docker-registry", Workload: &platform.Workload{Image: "regctl/regctl:v1"}, Storage: &platform.Storage{HostPath: &platform.HostPath{Path: "/registry"}}})
	require.Equal(t, map[string]any{"privileged": true}, spec["containers"].([]any)[0].(map[string]any)["securityContext"])
}

func TestAnotherNameSaysItsAddress(t *testing.T) {
	spec, names := pod(t, platform.Spec{Name: "mirror", Workload: &platform.Workload{MountPath: "/data"}, Storage: &platform.Storage{EmptyDir: &platform.EmptyDir{}}})
	set := env(t, spec)
	require.Equal(t, "mirror.default.svc:5000", set["REGISTRY_OPENSHIFT_SERVER_ADDR"])
	require.Equal(t, "/data", set["REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY"])
	require.Contains(t, names, "clusterrolebinding.rbac.authorization.k8s.io/registry-mirror-role")
	require.Contains(t, names, "serviceaccount/mirror")
}

package survey

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/pods"
	"github.com/regctl/regctl/internal/platform"
	corev1 "k8s.io/api/core/v1"
)

// Template is a registry's pod as its workload describes it.
type Template struct {
	Labels    map[string]string
	Spec      corev1.PodSpec
	Container corev1.Container // the registry's
}

// TemplateOf reads a workload's pod template.
func TemplateOf(workload *cluster.Object) (Template, error) {
	w, err := cluster.Decode[struct {
		Spec struct{ Template corev1.PodTemplateSpec }
	}](workload)
	if err != nil {
		return Template{}, err
	}
	t := Template{Labels: w.Spec.Template.Labels, Spec: w.Spec.Template.Spec}
	if c := pods.RegistryContainer(t.Spec.Containers); c != nil {
		t.Container = *c
	}
	return t, nil
}

// env is the value of the first of these variables that is set; one that comes from a Secret counts as empty.
func (t Template) env(names ...string) string {
	for _, name := range names {
		for _, e := range t.Container.Env {
			if e.Name == name && e.Value != "" {
				return e.Value
			}
		}
	}
	return ""
}

// Port is where the registry listens.
func (t Template) Port() int32 {
	if len(t.Container.Ports) > 0 {
		return t.Container.Ports[0].ContainerPort
	}
	return 5000
}

// Secure tells whether the registry speaks TLS, as far as its variables say. regctl's
// own image does so unless it is told not to.
func (t Template) Secure() bool {
	if t.env("REGISTRY_HTTP_TLS_CERTIFICATE", "REGCTL_SERVE_TLS_CERT") != "" {
		return true
	}
	return platform.OwnImage(t.Container.Image) && t.env("REGCTL_SERVE_NO_TLS") != "true"
}

// Root is the folder of the container below which the images are.
func (t Template) Root() string {
	if root := t.env("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", "REGCTL_SERVE_ROOT"); root != "" {
		return root
	}
	if m := t.storageMount(); m != nil {
		return m.MountPath
	}
	return "/registry"
}

// storageMount finds the mount of the images: by the folder that the registry is told, by the usual name, by the usual folders.
func (t Template) storageMount() *corev1.VolumeMount {
	root := t.env("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", "REGCTL_SERVE_ROOT")
	for _, fits := range []func(corev1.VolumeMount) bool{
		func(m corev1.VolumeMount) bool { return root != "" && below(root, m.MountPath) },
		func(m corev1.VolumeMount) bool { return m.Name == platform.StorageVolume },
		func(m corev1.VolumeMount) bool {
			return slices.Contains([]string{"/registry", "/var/lib/registry"}, m.MountPath)
		},
	} {
		if i := slices.IndexFunc(t.Container.VolumeMounts, fits); i >= 0 {
			return &t.Container.VolumeMounts[i]
		}
	}
	return nil
}

func below(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, strings.TrimSuffix(folder, "/")+"/")
}

// secretAt names the Secret that is mounted where a file of the container is.
func (t Template) secretAt(path string) string {
	name := ""
	for _, m := range t.Container.VolumeMounts {
		for _, v := range t.Spec.Volumes {
			if path != "" && below(path, m.MountPath) && v.Name == m.Name && v.Secret != nil {
				name = v.Secret.SecretName
			}
		}
	}
	return name
}

// storage says where the images are.
func (t Template) storage() (Storage, *corev1.Volume) {
	if at := t.env("REGCTL_SERVE_STORAGE"); at != "" {
		u, err := url.Parse(at)
		if err == nil && u.Scheme != "" && u.Scheme != "file" {
			return Storage{Kind: u.Scheme, Place: strings.TrimSuffix(u.Host+u.Path, "/"), Ephemeral: u.Scheme == "memory"}, nil
		}
	}
	if bucket := t.env("REGISTRY_STORAGE_S3_BUCKET"); bucket != "" {
		return Storage{Kind: platform.KindS3, Place: bucket}, nil
	}
	m := t.storageMount()
	if m == nil {
		return Storage{Kind: "none", Place: "the container itself", Ephemeral: true}, nil
	}
	i := slices.IndexFunc(t.Spec.Volumes, func(v corev1.Volume) bool { return v.Name == m.Name })
	if i < 0 {
		return Storage{Kind: "unknown", MountPath: m.MountPath}, nil // a StatefulSet's claims are not in its pod template
	}
	s := volumeStorage(t.Spec.Volumes[i].VolumeSource)
	s.MountPath = m.MountPath
	return s, &t.Spec.Volumes[i]
}

func volumeStorage(v corev1.VolumeSource) Storage {
	switch {
	case v.PersistentVolumeClaim != nil:
		return Storage{Kind: platform.KindPVC, Place: v.PersistentVolumeClaim.ClaimName}
	case v.EmptyDir != nil:
		return Storage{Kind: platform.KindEmptyDir, Ephemeral: true}
	case v.HostPath != nil:
		return Storage{Kind: platform.KindHostPath, Place: v.HostPath.Path}
	case v.NFS != nil:
		return Storage{Kind: platform.KindNFS, Place: v.NFS.Server + ":" + v.NFS.Path}
	}
	return Storage{Kind: "other"}
}

// auth says who may come in, as far as the variables say.
func (t Template) auth() Auth {
	path := t.env("REGISTRY_AUTH_HTPASSWD_PATH", "REGCTL_SERVE_HTPASSWD")
	switch {
	case path != "":
		return Auth{Kind: platform.AuthHtpasswd, Secret: t.secretAt(path)}
	case t.env("REGISTRY_AUTH_TOKEN_REALM") != "":
		return Auth{Kind: "token"}
	case t.env("REGCTL_SERVE_AUTH", "REGISTRY_AUTH") != "":
		return Auth{Kind: t.env("REGCTL_SERVE_AUTH", "REGISTRY_AUTH")}
	case t.env("REGISTRY_MIDDLEWARE_REPOSITORY_OPENSHIFT_ENFORCEQUOTA", "REGISTRY_OPENSHIFT_SERVER_ADDR") != "":
		return Auth{Kind: "openshift"}
	case slices.ContainsFunc(t.Container.Env, func(e corev1.EnvVar) bool { return e.Name == "REGISTRY_CONFIGURATION_PATH" }):
		return Auth{Kind: "unknown"}
	case platform.OpenShiftImage(t.Container.Image):
		return Auth{Kind: "openshift"} // by the configuration in the image: oadm of 1.0 and 1.1 set no variable
	}
	return Auth{Kind: platform.AuthNone}
}

// tlsSecret names the Secret of the certificate.
func (t Template) tlsSecret() string {
	return t.secretAt(t.env("REGISTRY_HTTP_TLS_CERTIFICATE", "REGCTL_SERVE_TLS_CERT"))
}

// certificateKey is the key in that Secret.
func (t Template) certificateKey() string {
	path := t.env("REGISTRY_HTTP_TLS_CERTIFICATE", "REGCTL_SERVE_TLS_CERT")
	return cmp.Or(path[strings.LastIndex(path, "/")+1:], corev1.TLSCertKey)
}

// replicas is how many pods are wanted.
func replicas(workload *cluster.Object) (n int64, fixed bool) {
	spec, _ := workload.Object["spec"].(map[string]any)
	n, fixed = spec["replicas"].(int64)
	return n, fixed
}

package survey

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/pods"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/settings"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
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

// settings are what the registry is told by its variables; what comes from a Secret is not known.
func (t Template) settings() settings.Settings {
	var all []settings.Variable
	for _, e := range t.Container.Env {
		v := settings.Variable{Name: e.Name, Secret: settings.Secret{Text: e.Value}}
		if e.ValueFrom != nil {
			v.Object = "elsewhere"
		}
		all = append(all, v)
	}
	return settings.Read(all)
}

// certificate is the path of the certificate in the container.
func (t Template) certificate() string {
	s := t.settings()
	return cmp.Or(s.Certificate, s.ServeCert)
}

// rootDirectory is where the registry is told to keep its images.
func (t Template) rootDirectory() string {
	s := t.settings()
	return cmp.Or(s.Directory, s.ServeRoot)
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
	return t.certificate() != "" || platform.OwnImage(t.Container.Image) && t.settings().NoTLS != "true"
}

// Root is the directory of the container below which the images are.
func (t Template) Root() string {
	if root := t.rootDirectory(); root != "" {
		return root
	}
	if m := t.storageMount(); m != nil {
		return m.MountPath
	}
	return "/registry"
}

// storageMount finds the mount of the images: by the directory that the registry is told, by the usual name, by the usual directories.
func (t Template) storageMount() *corev1.VolumeMount {
	root := t.rootDirectory()
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

func below(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
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
	told := t.settings()
	if u, err := url.Parse(told.ServeStorage); err == nil && u.Scheme != "" && u.Scheme != "file" && u.Scheme != platform.KindS3 {
		return Storage{Kind: u.Scheme, Place: strings.TrimSuffix(u.Host+u.Path, "/"), Ephemeral: u.Scheme == "memory"}, nil
	}
	if store := platform.StorageOfSettings(told); store != nil {
		return Storage{Kind: store.Kind(), Place: store.Of().Address()}, nil
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
	source, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&v)
	s := platform.StorageOfVolume(source)
	if err != nil || s == nil {
		return Storage{Kind: "other"}
	}
	return Storage{Kind: s.Kind(), Place: s.Of().Address(), Ephemeral: s.Kind() == platform.KindEmptyDir}
}

// auth says the authentication, as far as the variables show it.
func (t Template) auth() Auth {
	told := t.settings()
	path, kind := cmp.Or(told.Htpasswd, told.ServeHtpasswd), cmp.Or(told.ServeAuth, told.Auth)
	switch {
	case path != "":
		return Auth{Kind: platform.AuthHtpasswd, Secret: t.secretAt(path)}
	case told.TokenRealm != "":
		return Auth{Kind: "token"}
	case kind != "":
		return Auth{Kind: kind}
	case told.Quota+told.OpenShiftAddr != "":
		return Auth{Kind: platform.AuthOpenShift}
	case told.ConfigFile.Given():
		return Auth{Kind: "unknown"}
	case platform.OpenShiftImage(t.Container.Image):
		return Auth{Kind: "openshift"} // by the configuration in the image: oadm of 1.0 and 1.1 set no variable
	}
	return Auth{Kind: platform.AuthNone}
}

// tlsSecret names the Secret of the certificate.
func (t Template) tlsSecret() string {
	return t.secretAt(t.certificate())
}

// certificateKey is the key in that Secret.
func (t Template) certificateKey() string {
	path := t.certificate()
	return cmp.Or(path[strings.LastIndex(path, "/")+1:], corev1.TLSCertKey)
}

// replicas is how many pods are wanted.
func replicas(workload *cluster.Object) (n int64, fixed bool) {
	spec, _ := workload.Object["spec"].(map[string]any)
	n, fixed = spec["replicas"].(int64)
	return n, fixed
}

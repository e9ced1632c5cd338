package platform

// Kinds of places where registries run, as --platform names them.
const (
	Kubernetes = "kubernetes"
	OpenShift3 = "openshift3"
	OpenShift4 = "openshift4"
	OpenSVC    = "opensvc"
)

// Platforms are the kinds of places.
func Platforms() []string { return []string{Kubernetes, OpenShift3, OpenShift4, OpenSVC} }

// Detect tells of which kind a cluster is, by the kinds of objects that it serves. An
// OpenShift 4 without its registry operator is taken for what else it is: a Kubernetes.
func Detect(served func(group, kind string) (bool, error)) (string, error) {
	operator, err := served("imageregistry.operator.openshift.io", "Config")
	if err != nil || operator {
		return OpenShift4, err
	}
	version4, err := served("config.openshift.io", "ClusterVersion")
	if err != nil || version4 {
		return Kubernetes, err
	}
	configs, err := served("apps.openshift.io", "DeploymentConfig")
	if err != nil || configs {
		return OpenShift3, err
	}
	return Kubernetes, nil
}

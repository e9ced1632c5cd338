package platform

// KindEmptyDir is the name of EmptyDir.
const KindEmptyDir = "emptydir"

// EmptyDir is storage that is lost with its pod.
type EmptyDir struct{}

// Name is emptydir.
func (*EmptyDir) Name() string { return KindEmptyDir }

// Place is the pod.
func (*EmptyDir) Place() string { return "the pod (emptydir)" }

// Address is nothing: it has no name.
func (*EmptyDir) Address() string { return "" }

// Volume is an empty directory.
func (*EmptyDir) Volume() (key string, fields map[string]any) {
	return "emptyDir", map[string]any{}
}

// WhyOnePod says what several pods would do.
func (*EmptyDir) WhyOnePod() string {
	return "pods would not share images, so pulls would fail at random"
}

func (*EmptyDir) check() error { return nil }

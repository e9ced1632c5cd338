package workload

import (
	"strings"

	"github.com/regctl/regctl/internal/cluster"
)

// VarInfo is a variable of a container as lists show it.
type VarInfo struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
	From  *Ref   `json:"from,omitempty"`
}

// Ref says where the value of a variable comes from.
type Ref struct {
	Kind string `json:"kind"`           // secret, configmap, field or resource
	Name string `json:"name,omitempty"` // of the secret or config map
	Key  string `json:"key"`            // in it; the path of a field; the name of a resource
}

// String says it as lists do.
func (r Ref) String() string {
	switch r.Kind {
	case "field":
		return "from field path " + r.Key
	case "resource":
		return "from resource " + r.Key
	}
	return "from " + r.Kind + " " + r.Name + ", key " + r.Key
}

// ContainerVars are the variables of one container, in their order.
type ContainerVars struct {
	Container string    `json:"container"`
	Vars      []VarInfo `json:"env"`
	All       []Ref     `json:"envFrom,omitempty"` // objects all of whose keys are variables too; Key is their prefix
}

// Vars lists the variables of the containers that match a pattern.
func Vars(o *cluster.Object, pattern string) ([]ContainerVars, error) {
	containers, err := holders(o, pattern)
	if err != nil {
		return nil, err
	}
	found := make([]ContainerVars, len(containers))
	for i, c := range containers {
		found[i] = ContainerVars{Container: name(c), Vars: []VarInfo{}}
		for _, v := range list(c, "env") {
			found[i].Vars = append(found[i].Vars, VarInfo{name(v), stringField(v, "value"), refOf(v)})
		}
		for _, f := range list(c, "envFrom") {
			found[i].All = append(found[i].All, bulkOf(f))
		}
	}
	return found, nil
}

func refOf(v map[string]any) *Ref {
	from, _ := v["valueFrom"].(map[string]any)
	for key, value := range from {
		m, _ := value.(map[string]any)
		switch key {
		case "secretKeyRef":
			return &Ref{"secret", name(m), stringField(m, "key")}
		case "configMapKeyRef":
			return &Ref{"configmap", name(m), stringField(m, "key")}
		case "fieldRef":
			return &Ref{"field", "", stringField(m, "fieldPath")}
		case "resourceFieldRef":
			return &Ref{"resource", stringField(m, "containerName"), stringField(m, "resource")}
		default:
			return &Ref{strings.TrimSuffix(key, "Ref"), name(m), stringField(m, "key")}
		}
	}
	return nil
}

func bulkOf(f map[string]any) Ref {
	kind, field := "secret", "secretRef"
	if f["configMapRef"] != nil {
		kind, field = "configmap", "configMapRef"
	}
	m, _ := f[field].(map[string]any)
	return Ref{kind, name(m), stringField(f, "prefix")}
}

// Line is a variable as one line of a list, in the form that ReadVars reads: values
// with line ends are put into quotes.
func (v VarInfo) Line() string {
	switch {
	case v.From != nil:
		return "# " + v.Name + " " + v.From.String()
	case !strings.Contains(v.Value, "\n"):
		return v.Name + "=" + v.Value
	case strings.Contains(v.Value, `"`):
		return v.Name + "='" + v.Value + "'"
	}
	return v.Name + `="` + v.Value + `"`
}

// AllLine says, as a line of a list, that all keys of an object are variables.
func (r Ref) AllLine() string {
	if r.Key != "" {
		return "# all keys of " + r.Kind + " " + r.Name + ", with prefix " + r.Key
	}
	return "# all keys of " + r.Kind + " " + r.Name
}

package platform

// States of a registry that an operator manages.
const (
	Managed   = "Managed"   // the operator runs it
	Unmanaged = "Unmanaged" // the operator leaves it as it is
	Removed   = "Removed"   // the operator takes it away
)

// How the operator replaces pods.
const (
	RollingUpdate = "RollingUpdate" // the new one first
	Recreate      = "Recreate"      // the old one ends first, as storage for one pod needs it
)

// Operator is what only OpenShift 4's registry operator has.
type Operator struct {
	State           string       `json:"managementState,omitempty"` // Managed where none is named
	Strategy        string       `json:"rolloutStrategy,omitempty"` // by default the one that the storage needs
	Tolerations     []Toleration `json:"tolerations,omitzero"`      // empty: none
	Resources       *Resources   `json:"resources,omitempty"`
	Reads           *Queue       `json:"reads,omitempty"`
	Writes          *Queue       `json:"writes,omitempty"`
	ReadOnly        *bool        `json:"readOnly,omitempty"`
	DisableRedirect *bool        `json:"disableRedirect,omitempty"` // images come through the registry, not from the bucket itself
}

// Toleration lets pods run on nodes with a taint, in Kubernetes' words.
type Toleration struct {
	Key      string `json:"key,omitempty"`
	Operator string `json:"operator,omitempty"` // Exists or Equal
	Value    string `json:"value,omitempty"`
	Effect   string `json:"effect,omitempty"` // NoSchedule, PreferNoSchedule or NoExecute; "" is each
	Seconds  *int64 `json:"tolerationSeconds,omitempty"`
}

// Resources are what the container asks for and what it may use at most: cpu, memory.
type Resources struct {
	Requests map[string]string `json:"requests,omitzero"`
	Limits   map[string]string `json:"limits,omitzero"`
}

// Queue limits the requests that are answered at the same time; 0 is no limit.
type Queue struct {
	Running int32  `json:"maxRunning,omitempty"`
	Queued  int32  `json:"maxInQueue,omitempty"`
	Wait    string `json:"maxWaitInQueue,omitempty"` // at most, in the queue: 10s
}

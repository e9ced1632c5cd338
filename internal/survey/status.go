package survey

import "time"

// Status is what a registry in a cluster is like.
type Status struct {
	Name      string     `json:"name"`
	Namespace string     `json:"namespace"`
	Ready     bool       `json:"ready"` // it is rolled out and a pod of it answers
	Workload  Workload   `json:"workload"`
	Pods      []Pod      `json:"pods"`
	Storage   Storage    `json:"storage"`
	TLS       *TLS       `json:"tls"` // null: plain HTTP
	Auth      Auth       `json:"auth"`
	Services  []Service  `json:"services"`
	Exposure  []Exposure `json:"exposure"`
	Objects   []string   `json:"objects"` // all that it is made of: deployment.apps/docker-registry
	Warnings  []Warning  `json:"warnings"`
}

// Workload is what keeps the pods running.
type Workload struct {
	Object         string `json:"object"` // deployment.apps/docker-registry
	State          string `json:"state"`  // 1 of 1 pods are ready
	Image          string `json:"image"`
	Replicas       int    `json:"replicas"` // wanted; pods that are there for a DaemonSet
	ReadyReplicas  int    `json:"readyReplicas"`
	ServiceAccount string `json:"serviceAccount,omitempty"`
}

// Pod is one of the registry's.
type Pod struct {
	Name     string    `json:"name"`
	Phase    string    `json:"phase"` // Running, Pending, …; Terminating for one that is on its way out
	Ready    bool      `json:"ready"`
	Restarts int       `json:"restarts"`
	Node     string    `json:"node,omitempty"`
	IP       string    `json:"ip,omitempty"`
	Image    string    `json:"image"`
	Since    time.Time `json:"since"`
	Reason   string    `json:"reason,omitempty"` // why it is not ready
}

// Storage is where the images are.
type Storage struct {
	Kind      string   `json:"kind"`            // pvc, emptydir, hostpath, nfs, s3, …; none
	Place     string   `json:"place,omitempty"` // claim, path, server:path or bucket
	MountPath string   `json:"mountPath,omitempty"`
	Phase     string   `json:"phase,omitempty"`    // of a claim
	Capacity  string   `json:"capacity,omitempty"` // of a claim: 10Gi
	Class     string   `json:"class,omitempty"`
	Modes     []string `json:"accessModes,omitempty"`
	Used      int64    `json:"usedBytes,omitempty"` // where the node says it
	Free      int64    `json:"freeBytes,omitempty"`
	Ephemeral bool     `json:"ephemeral"` // lost with the pod
}

// TLS is the certificate that the registry serves.
type TLS struct {
	Secret   string     `json:"secret,omitempty"`
	Names    []string   `json:"names,omitempty"`
	NotAfter *time.Time `json:"notAfter,omitempty"`
	DaysLeft *int       `json:"daysLeft,omitempty"`
	Issuer   string     `json:"issuer,omitempty"`
	Problem  string     `json:"problem,omitempty"` // why the certificate could not be read
}

// Auth is how users authenticate.
type Auth struct {
	Kind   string   `json:"kind"` // htpasswd, token, openshift, none, unknown
	Secret string   `json:"secret,omitempty"`
	Users  []string `json:"users,omitempty"`
}

// Service leads to the pods.
type Service struct {
	Name      string   `json:"name"`
	Type      string   `json:"type"`
	ClusterIP string   `json:"clusterIP,omitempty"`
	Ports     []string `json:"ports"`               // 5000/TCP, 5000:30500/TCP
	Addresses []string `json:"addresses,omitempty"` // outside the cluster
	Endpoints []string `json:"endpoints"`           // of the pods that are ready
}

// Exposure is an address at which the registry is reached from outside the cluster.
type Exposure struct {
	Object      string `json:"object"`
	Host        string `json:"host"`
	Termination string `json:"termination,omitempty"` // of TLS: passthrough, edge, reencrypt; none
}

// Warning is an issue found, with its remedy.
type Warning struct {
	Text   string `json:"text"`
	Advice string `json:"advice,omitempty"`
}

package platform

// Service is what only a service of OpenSVC has.
type Service struct {
	Orchestrate string `json:"orchestrate,omitempty"` // no, start or ha
	Nodes       string `json:"nodes,omitempty"`       // names with spaces between them, or a reference such as {clusternodes}
	Cluster     string `json:"cluster,omitempty"`     // its name, which ends the DNS names of its services
}

package platform

import "encoding/json"

// Over lays what s says over what base says. What s does not speak about is base's;
// lists and maps are replaced as a whole.
func (s Spec) Over(base Spec) (Spec, error) {
	out, err := clone(base)
	if err != nil {
		return out, err
	}
	forget(&out, s)
	if err := decodeInto(&out, s); err != nil {
		return out, err
	}
	out.Name, out.Namespace = s.Name, s.Namespace
	if s.TLS != nil {
		out.TLS.Certificate, out.TLS.Key = s.TLS.Certificate, s.TLS.Key
	}
	if s.Workload != nil && s.Workload.Template != nil {
		out.Workload.Template = s.Workload.Template
	}
	if s.Exposure != nil { // one way in, not parts of two
		whole := *s.Exposure
		out.Exposure = &whole
	}
	if s.Storage != nil && s.Storage.S3 != nil {
		out.Storage.S3.Credentials = s.Storage.S3.Credentials
	}
	return out, nil
}

// forget removes from out what s replaces as a whole: decoding would add to it.
func forget(out *Spec, s Spec) {
	if s.Storage != nil && out.Storage != nil && s.Storage.Kind() != out.Storage.Kind() {
		out.Storage = nil
	}
	if s.TLS != nil {
		out.TLS = nil
	}
	if s.Auth != nil {
		out.Auth = nil
	}
	out.Operator.forget(s.Operator)
	w, o := s.Workload, out.Workload
	if w == nil || o == nil {
		return
	}
	if w.Labels != nil {
		o.Labels = nil
	}
	if w.NodeSelector != nil {
		o.NodeSelector = nil
	}
	if w.FSGroup != nil || w.SupplementalGroups != nil { // a pod has one or the other
		o.FSGroup, o.SupplementalGroups = nil, nil
	}
	if w.DaemonSet != nil && *w.DaemonSet {
		o.Replicas = nil
	}
	if w.Ports != nil {
		o.Ports = nil // a host port would stay behind
	}
}

func clone(s Spec) (Spec, error) {
	var out Spec
	return out, decodeInto(&out, s)
}

func decodeInto(out *Spec, s Spec) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, out)
}

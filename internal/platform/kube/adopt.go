package kube

import (
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/settings"
)

// adopt reads what a registry that others have made is like, so that it stays so.
func (f *found) adopt(s *platform.Spec) {
	w := &platform.Workload{}
	s.Workload = w
	c := f.container()
	if c == nil {
		return
	}
	w.Image, _ = c["image"].(string)
	w.ServiceAccount, _ = nested[string](f.workload, "spec", "template", "spec", "serviceAccountName")
	if labels := f.selector(); len(labels) > 0 {
		w.Labels = labels
	}
	w.MountPath = f.mountPath(c)
	ports, _ := c["ports"].(list)
	for _, p := range ports {
		p, _ := p.(object)
		number, _ := p["containerPort"].(int64)
		host, _ := p["hostPort"].(int64)
		w.Ports = append(w.Ports, platform.Port{Container: int32(number), Host: int32(host)}) //nolint:gosec // the server has checked it
	}
	if cert := f.settings().Certificate; cert == certFolder+"/tls.crt" {
		s.TLS = &platform.TLS{Secret: f.secretAt(c, cert)}
	}
}

// mountPath is where the volume of the usual name is; "" where there is none.
func (f *found) mountPath(c object) string {
	mounts, _ := c["volumeMounts"].(list)
	for _, m := range mounts {
		if m, ok := m.(object); ok && m["name"] == platform.StorageVolume {
			path, _ := m["mountPath"].(string)
			return path
		}
	}
	return ""
}

// httpSecret is the key that signs the state of uploads, where a variable has it itself.
func (f *found) httpSecret() string {
	if s := f.settings().HTTPSecret; s.Object == "" {
		return s.Text
	}
	return ""
}

// settings are what the registry's container is told.
func (f *found) settings() settings.Settings { return settingsOf(f.container()) }

// unknownText is the text of a variable whose value comes from elsewhere.
const unknownText = "?"

// settingsOf are the settings among the variables of a container; those that come from elsewhere are unknownText.
func settingsOf(c object) settings.Settings {
	var all []settings.Variable
	env, _ := c["env"].(list)
	for _, v := range env {
		v, _ := v.(object)
		name, _ := v["name"].(string)
		text, _ := v["value"].(string)
		variable := settings.Variable{Name: name, Secret: settings.Secret{Text: text}}
		if v["valueFrom"] != nil {
			variable.Secret = settings.Secret{Text: unknownText, Object: unknownText}
		}
		all = append(all, variable)
	}
	return settings.Read(all)
}

// foreignTLS tells whether others have given the registry a certificate.
func (f *found) foreignTLS() bool {
	cert := f.settings().Certificate
	return cert != "" && cert != certFolder+"/tls.crt"
}

// first takes out of the way what others have set and what is wanted cannot stand beside.
func (b *builder) first() *change.Edit {
	swap := b.replaceVolume()
	secret := b.found.httpSecret() != "" // its value is kept in the secret that is referred to now
	probes := b.found.probesAsk(b.scheme()) != nil
	if !secret && !probes {
		return swap
	}
	return &change.Edit{Client: b.Client, Ref: cluster.RefOf(b.found.workload), Do: func(o *cluster.Object) error {
		live := &found{workload: o}
		if c := live.container(); secret {
			c["env"] = replaceItem(c["env"], "REGISTRY_HTTP_SECRET", nil)
		}
		for _, get := range live.probesAsk(b.scheme()) {
			get["scheme"] = b.scheme()
		}
		if swap == nil {
			return nil
		}
		return swap.Do(o)
	}}
}

// probesAsk are those of the probes that ask by another scheme than the registry is to
// speak: a change of its variables has set them, which is not to stand against this one.
func (f *found) probesAsk(scheme string) (other []object) {
	for _, kind := range []string{"livenessProbe", "readinessProbe"} {
		probe, _ := f.container()[kind].(object)
		if get, _ := probe["httpGet"].(object); get != nil && get["scheme"] != scheme {
			other = append(other, get)
		}
	}
	return other
}

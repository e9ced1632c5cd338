package serve

import (
	"strings"

	"github.com/regctl/regctl/pkg/registry"
)

// announce says where everything is and what to type next.
func (r *run) announce() {
	if r.LogFormat == "json" {
		return // the stream is for machines
	}
	scheme, host, ca := "https://", r.hosts()[0], ""
	if r.tls == nil {
		scheme = "http://"
	}
	r.Say("Registry   %s%s", scheme, host)
	r.Say("Images     %s", registry.Storage{Kind: r.cfg.Storage.Type(), Parameters: r.cfg.Storage.Parameters()})
	if r.ca != nil {
		cert, _, _ := r.Settings.ca()
		r.Say("CA         %s", cert)
		if len(r.trust) == 0 {
			ca = " --ca " + cert // nobody believes it yet
		}
	}
	if len(r.trust) > 0 {
		r.Say("Trusted    %s", strings.Join(r.trust, "\n           "))
	}
	switch {
	case r.login != "":
		r.Say("Login      %s, saved in %s", r.login, strings.Join(r.saved, ", "))
	case r.users != nil:
		r.Say("Login      %s login %s%s -u USER   (users: %[1]s serve user --help)", r.Program, host, ca)
	default:
		r.Say("Login      none needed")
	}
	if !r.ReadOnly && r.cfg.Proxy.RemoteURL == "" {
		r.Say("Push       %s image save-self - | %[1]s image push - %s/demo/regctl:latest%s", r.Program, host, ca)
	}
	r.Say("")
}

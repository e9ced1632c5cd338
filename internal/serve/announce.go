package serve

import (
	"cmp"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/registry"
)

// announce prints where everything is and what to type next.
func (r *run) announce() {
	if r.LogFormat == "json" || r.User.Getenv("KUBERNETES_SERVICE_HOST") != "" {
		return // the stream is for machines; in a pod, nobody uses localhost
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
			ca = " --ca " + cert // no client trusts it yet
		}
	}
	if len(r.trust) > 0 {
		r.Say("Trusted    %s", strings.Join(r.trust, "\n           "))
	}
	switch {
	case r.tls == nil:
		r.Say("Trust      %s trust add %s --insecure   (required by podman and skopeo)", r.Program, host)
	case r.ca == nil:
		r.Say("Trust      %s trust add %s --ca FILE   (of the CA that signed %s)", r.Program, host, r.cfg.HTTP.TLS.Certificate)
	}
	switch {
	case r.login != "":
		r.Say("Login      %s, saved in %s", r.login, strings.Join(r.saved, ", "))
	case r.users != nil:
		r.Say("Login      %s login %s%s -u USER   (a new password: %[1]s serve user add %[4]s)", r.Program, host, ca, r.someUser())
	case r.Auth == "token":
		r.Say("Login      by the token server of the configuration")
	default:
		r.Say("Login      not required")
	}
	if !r.ReadOnly && r.cfg.Proxy.RemoteURL == "" {
		r.Say("Push       %s image save-self - | %[1]s image push - %s/demo/regctl:latest%s", r.Program, host, ca)
	}
	r.Say("")
}

// someUser is a user whose password can be changed.
func (r *run) someUser() string {
	file := cmp.Or(r.Htpasswd, HtpasswdFile(r.Root))
	users, err := registry.ListUsers(file)
	if err != nil || len(users) == 0 {
		return "NAME --htpasswd " + file
	}
	if slices.Contains(users, admin) {
		return admin + " --htpasswd " + file
	}
	return users[0] + " --htpasswd " + file
}

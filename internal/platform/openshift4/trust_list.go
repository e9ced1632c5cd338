package openshift4

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/trust"
)

// List finds the CAs that the cluster trusts, by host.
func (t Trust) List(ctx context.Context, now time.Time) ([]trust.Entry, error) {
	c, err := readImageConfig(ctx, t.Client)
	if err != nil {
		return nil, err
	}
	entries := []trust.Entry{}
	if name := c.Spec.AdditionalTrustedCA.Name; name != "" {
		o, err := t.Client.Get(ctx, casRef(name))
		if err != nil {
			return nil, err
		}
		file := casRef(name).String() + " -n " + configNamespace
		if o == nil {
			entries = append(entries, trust.Entry{Target: Target, Path: file, Problem: "the cluster is configured to trust it, but it does not exist"})
		}
		data := content(o)
		for _, key := range slices.Sorted(maps.Keys(data)) {
			text, _ := data[key].(string)
			entries = append(entries, caEntries(hostOfKey(key), file, []byte(text), now)...)
		}
	}
	for _, host := range c.Spec.RegistrySources.InsecureRegistries {
		entries = append(entries, trust.Entry{Host: host, Target: Target, Path: imageConfigRef().String(), Insecure: true})
	}
	return entries, nil
}

func caEntries(host, file string, pem []byte, now time.Time) (entries []trust.Entry) {
	chain, err := certs.ParseChain(pem)
	if err != nil || len(chain) == 0 {
		return []trust.Entry{{Host: host, Target: Target, Path: file, Problem: "no certificate found"}}
	}
	for i, d := range certs.Describe(chain, now) {
		e := trust.Entry{
			Host: host, Target: Target, Path: file, Subject: d.Subject, Fingerprint: d.SHA256,
			NotAfter: d.NotAfter, DaysLeft: &d.DaysLeft,
		}
		if !chain[i].IsCA {
			e.Problem = "a server certificate, not a CA: trust ends when it is renewed"
		}
		entries = append(entries, e)
	}
	return entries
}

// conflicts says which hosts the cluster does not pull from, whether it trusts them or not.
func (t Trust) conflicts(c *imageConfig, hosts []trust.Host) {
	const edit = "kubectl edit image.config.openshift.io cluster"
	sources := c.Spec.RegistrySources
	for _, h := range hosts {
		for _, blocked := range sources.BlockedRegistries {
			if covers(blocked, h) {
				t.Warn("%s is in blockedRegistries (%s): the cluster cannot pull from it; to change this: %s", h, blocked, edit)
			}
		}
		if len(sources.AllowedRegistries) > 0 && !slices.ContainsFunc(sources.AllowedRegistries, func(a string) bool { return covers(a, h) }) {
			t.Warn("%s is not in allowedRegistries (%s): the cluster cannot pull from it; to change this: %s", h, strings.Join(sources.AllowedRegistries, ", "), edit)
		}
	}
}

// covers tells whether an entry of registrySources is about a host: by its name, with or
// without a port or path, or by a wildcard for the names below a domain.
func covers(entry string, h trust.Host) bool {
	host, _, _ := strings.Cut(entry, "/")
	if domain, wild := strings.CutPrefix(host, "*."); wild {
		return strings.HasSuffix(h.Name, "."+domain)
	}
	return slices.Contains(h.Spellings(), host) || host == h.Name
}

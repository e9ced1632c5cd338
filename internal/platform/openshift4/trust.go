package openshift4

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
)

// Target is the target of entries that are the whole cluster's.
const Target trust.Target = "cluster"

// trustedCAs is the ConfigMap of the CAs, where none is named yet.
const trustedCAs = "registry-cas"

// Trust is what the nodes, builds and imports of a cluster trust:
// image.config.openshift.io/cluster, and the ConfigMap of CAs that it names.
type Trust struct {
	Client *cluster.Client
	Warn   func(format string, args ...any)
}

// imageConfig is what is read of it.
type imageConfig struct {
	Spec struct {
		AdditionalTrustedCA struct{ Name string }
		RegistrySources     struct{ InsecureRegistries, BlockedRegistries, AllowedRegistries []string }
	}
	Status struct {
		InternalRegistryHostname  string
		ExternalRegistryHostnames []string
	}
}

func imageConfigRef() cluster.Ref {
	return cluster.Ref{GVK: cluster.GVK{Group: "config.openshift.io", Version: "v1", Kind: "Image"}, Name: singleton}
}

func readImageConfig(ctx context.Context, c *cluster.Client) (*imageConfig, error) {
	o, err := c.Get(ctx, imageConfigRef())
	if err != nil {
		return nil, err
	}
	if o == nil {
		return &imageConfig{}, nil
	}
	return cluster.Decode[imageConfig](o)
}

// keyOf is the key of a host in the ConfigMap, which cannot have a colon.
func keyOf(spelling string) string { return strings.Replace(spelling, ":", "..", 1) }

// hostOfKey undoes keyOf.
func hostOfKey(key string) string {
	if i := strings.LastIndex(key, ".."); i > 0 {
		return key[:i] + ":" + key[i+2:]
	}
	return key
}

// keys are those of all spellings of the hosts.
func keys(hosts []trust.Host) (all []string, err error) {
	for _, h := range hosts {
		if strings.Contains(h.Name, "[") {
			return nil, hint.BadUsage(fmt.Errorf("host %s: OpenShift does not support IPv6 addresses as names of CAs", h), "specify a host name: HOST[:PORT]")
		}
		for _, s := range h.Spellings() {
			all = append(all, keyOf(s))
		}
	}
	return all, nil
}

// Add finds the changes after which the cluster trusts the CA (PEM) for the hosts.
func (t Trust) Add(ctx context.Context, hosts []trust.Host, ca []byte) ([]plan.Change, error) {
	names, err := keys(hosts)
	if err != nil {
		return nil, err
	}
	c, err := readImageConfig(ctx, t.Client)
	if err != nil {
		return nil, err
	}
	data := map[string][]byte{}
	for _, key := range names {
		data[key] = ca
	}
	name := cmp.Or(c.Spec.AdditionalTrustedCA.Name, trustedCAs)
	cas, err := putData(ctx, t.Client, "ConfigMap", configNamespace, name, data)
	if err != nil {
		return nil, err
	}
	t.conflicts(c, hosts)
	return []plan.Change{cas, t.edit(func(spec object) {
		ca := inner(spec, "additionalTrustedCA")
		if ca["name"] == nil || ca["name"] == "" {
			ca["name"] = name
			spec["additionalTrustedCA"] = ca
		}
	})}, nil
}

// AddInsecure finds the change after which the cluster does not check the certificates of the hosts.
func (t Trust) AddInsecure(ctx context.Context, hosts []trust.Host) ([]plan.Change, error) {
	c, err := readImageConfig(ctx, t.Client)
	if err != nil {
		return nil, err
	}
	t.conflicts(c, hosts)
	if slices.ContainsFunc(hosts, func(h trust.Host) bool {
		return !slices.Contains(c.Spec.RegistrySources.InsecureRegistries, h.String())
	}) {
		t.warnOfNodes()
	}
	return []plan.Change{t.edit(func(spec object) {
		sources := inner(spec, "registrySources")
		all, _ := sources["insecureRegistries"].(list)
		all = slices.Clone(all)
		for _, h := range hosts {
			if !slices.Contains(all, any(h.String())) {
				all = append(all, h.String())
			}
		}
		sources["insecureRegistries"] = all
		spec["registrySources"] = sources
	})}, nil
}

// Remove finds the changes after which the cluster has no CA for the hosts, and checks their certificates; insecureOnly: the CA stays.
func (t Trust) Remove(ctx context.Context, hosts []trust.Host, insecureOnly bool) ([]plan.Change, error) {
	names, err := keys(hosts)
	if err != nil {
		return nil, err
	}
	c, err := readImageConfig(ctx, t.Client)
	if err != nil {
		return nil, err
	}
	var changes []plan.Change
	if cas := c.Spec.AdditionalTrustedCA.Name; cas != "" && !insecureOnly {
		o, err := t.Client.Get(ctx, casRef(cas))
		if err != nil {
			return nil, err
		}
		data, gone := content(o), map[string][]byte{}
		for _, key := range names {
			if data[key] != nil {
				gone[key] = nil
			}
		}
		if len(gone) > 0 {
			change, err := putData(ctx, t.Client, "ConfigMap", configNamespace, cas, gone)
			if err != nil {
				return nil, err
			}
			changes = append(changes, change)
		}
	}
	given := func(host any) bool {
		text, _ := host.(string)
		return slices.ContainsFunc(hosts, func(h trust.Host) bool { return slices.Contains(h.Spellings(), text) })
	}
	if !slices.ContainsFunc(c.Spec.RegistrySources.InsecureRegistries, func(h string) bool { return given(h) }) {
		return changes, nil
	}
	t.warnOfNodes()
	return append(changes, t.edit(func(spec object) {
		sources := inner(spec, "registrySources")
		all, _ := sources["insecureRegistries"].(list)
		put(sources, "insecureRegistries", slices.DeleteFunc(slices.Clone(all), given))
		put(spec, "registrySources", sources)
	})), nil
}

func (t Trust) warnOfNodes() {
	t.Warn("the configuration of all nodes changes: they are drained and rebooted one after the other")
}

func casRef(name string) cluster.Ref {
	return cluster.Ref{GVK: cluster.CoreKind("ConfigMap"), Namespace: configNamespace, Name: name}
}

// content is the data of a ConfigMap; nil of none.
func content(o *cluster.Object) object {
	if o == nil {
		return nil
	}
	data, _ := o.Object["data"].(object)
	return data
}

func (t Trust) edit(do func(spec object)) plan.Change {
	return &change.Edit{Client: t.Client, Ref: imageConfigRef(), Do: func(o *cluster.Object) error {
		spec := inner(o.Object, "spec")
		do(spec)
		o.Object["spec"] = spec
		return nil
	}}
}

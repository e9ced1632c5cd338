package registry

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/opensvc"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// openSVCFlags are those of a service of OpenSVC.
type openSVCFlags struct {
	path, size, pool            string
	orchestrate, nodes, cluster string
	agent                       *cmdutil.Enum
}

func (o *openSVCFlags) add(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVarP(&o.path, "service", "s", "", "opensvc: `path` of the service, NAMESPACE/NAME")
	s.StringVar(&o.size, "size", "", "opensvc: `size` of the volume that is made for the images (default 10g)")
	s.StringVar(&o.pool, "pool", "", "opensvc: `pool` of the volume (default one that has room)")
	s.StringVar(&o.orchestrate, "orchestrate", "", "opensvc: what the agents do by themselves: no, start or ha `(default ha)`")
	s.StringVar(&o.nodes, "nodes", "", "opensvc: `names` of nodes with spaces between (default all of the cluster)")
	s.StringVar(&o.cluster, "cluster-name", "", "opensvc: the cluster's `name`, which ends the DNS names of its services")
	o.agent = pipeline.AgentFlag(cmd)
	_ = cmd.RegisterFlagCompletionFunc("orchestrate", cobra.FixedCompletions(opensvc.Orchestrations(), cobra.ShellCompDirectiveNoFileComp))
}

// given tells whether any of them is, which names the platform too.
func (o *openSVCFlags) given() bool {
	return o.path != "" || o.size != "" || o.pool != "" || o.orchestrate != "" || o.nodes != "" || o.cluster != ""
}

// spec puts them into a Spec.
func (o *openSVCFlags) spec(s *platform.Spec) error {
	if !o.given() {
		return nil
	}
	if o.path != "" {
		p, err := opensvc.ParsePath(o.path)
		if err != nil {
			return err
		}
		s.Name, s.Namespace = p.Name, cmp.Or(p.Namespace, "root")
	}
	if o.size != "" || o.pool != "" {
		switch {
		case s.Storage == nil:
			s.Storage = &platform.Storage{PVC: &platform.PVC{}}
		case s.Storage.PVC == nil:
			return hint.BadUsage(fmt.Errorf("--size and --pool do not go with --storage %s", s.Storage.Kind()), "leave --storage out")
		case s.Storage.PVC.Size != "" && o.size != "":
			return hint.BadUsage(errors.New("--size and --claim-size are the same"), "leave --claim-size out")
		}
		s.Storage.PVC.Size = cmp.Or(o.size, s.Storage.PVC.Size)
		s.Storage.PVC.Class = cmp.Or(o.pool, s.Storage.PVC.Class)
	}
	s.Service = &platform.Service{Orchestrate: o.orchestrate, Nodes: o.nodes, Cluster: o.cluster}
	return nil
}

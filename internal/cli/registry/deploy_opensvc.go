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

// openSVCFlags configure an OpenSVC service.
type openSVCFlags struct {
	path, size, pool            string
	orchestrate, nodes, cluster string
	agent                       *cmdutil.Enum
}

func (o *openSVCFlags) add(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVarP(&o.path, "service", "s", "", "`path` of the service, NAMESPACE/NAME")
	s.StringVar(&o.size, "size", "", "`size` of the volume for the images (default 10g)")
	s.StringVar(&o.pool, "pool", "", "`pool` of the volume (default: a pool with free space)")
	s.StringVar(&o.orchestrate, "orchestrate", "", "orchestration `mode`: no, start or ha (default ha)")
	s.StringVar(&o.nodes, "nodes", "", "space-separated `names` of nodes (default: all nodes)")
	s.StringVar(&o.cluster, "cluster-name", "", "cluster `name`, the suffix of the DNS names of services")
	o.agent = pipeline.AgentFlag(cmd)
	_ = cmd.RegisterFlagCompletionFunc("orchestrate", cobra.FixedCompletions(opensvc.Orchestrations(), cobra.ShellCompDirectiveNoFileComp))
}

// given reports whether any of the flags is set, which also selects the platform.
func (o *openSVCFlags) given() bool {
	return o.path != "" || o.size != "" || o.pool != "" || o.orchestrate != "" || o.nodes != "" || o.cluster != ""
}

// spec adds the flags to a Spec.
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
			return hint.BadUsage(fmt.Errorf("--size and --pool cannot be used with --storage %s", s.Storage.Kind()), "omit --storage")
		case s.Storage.PVC.Size != "" && o.size != "":
			return hint.BadUsage(errors.New("--size cannot be used with --claim-size"), "omit --claim-size")
		}
		s.Storage.PVC.Size = cmp.Or(o.size, s.Storage.PVC.Size)
		s.Storage.PVC.Class = cmp.Or(o.pool, s.Storage.PVC.Class)
	}
	s.Service = &platform.Service{Orchestrate: o.orchestrate, Nodes: o.nodes, Cluster: o.cluster}
	return nil
}

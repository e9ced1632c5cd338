package registry

import (
	"fmt"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// operatorFlags configure OpenShift 4's image registry operator.
type operatorFlags struct {
	state, strategy           string
	tolerations               []string
	requests, limits          string
	reads, writes             string
	readOnly, disableRedirect bool
}

func (o *operatorFlags) add(cmd *cobra.Command) {
	s := cmd.Flags()
	cmdutil.BindEnum(cmd, "state", "state of the operator: Managed, Unmanaged or Removed (default Managed)", &o.state, platform.Managed, platform.Unmanaged, platform.Removed)
	cmdutil.BindEnum(cmd, "rollout-strategy", "RollingUpdate or Recreate (default: the one that the storage requires)", &o.strategy, platform.RollingUpdate, platform.Recreate)
	s.StringArrayVar(&o.tolerations, "toleration", nil, "tolerate this `taint`, KEY[=VALUE][:EFFECT]; replaces all; repeatable")
	s.StringVar(&o.requests, "requests", "", "resource requests as `amounts`: cpu=100m,memory=256Mi")
	s.StringVar(&o.limits, "limits", "", "resource limits as `amounts`: cpu=1,memory=1Gi")
	s.StringVar(&o.reads, "limit-reads", "", "limit of pulls, `RUNNING[,QUEUED[,WAIT]]`: 100,200,10s; 0 is no limit")
	s.StringVar(&o.writes, "limit-writes", "", "limit of pushes, `RUNNING[,QUEUED[,WAIT]]`")
	s.BoolVar(&o.readOnly, "read-only", false, "reject pushes")
	s.BoolVar(&o.disableRedirect, "disable-redirect", false, "serve image layers from the registry instead of the bucket")
}

// spec adds the given flags to a Spec.
func (o *operatorFlags) spec(cmd *cobra.Command, s *platform.Spec) error {
	op := &platform.Operator{State: o.state, Strategy: o.strategy}
	any := o.state != "" || o.strategy != ""
	for _, flag := range []struct {
		name string
		set  func() error
	}{
		{"read-only", func() error { op.ReadOnly = &o.readOnly; return nil }},
		{"disable-redirect", func() error { op.DisableRedirect = &o.disableRedirect; return nil }},
		{"toleration", func() (err error) { op.Tolerations, err = platform.ParseTolerations(o.tolerations); return err }},
		{"requests", func() (err error) { resources(op).Requests, err = platform.ParseLabels(o.requests); return err }},
		{"limits", func() (err error) { resources(op).Limits, err = platform.ParseLabels(o.limits); return err }},
		{"limit-reads", func() (err error) { op.Reads, err = platform.ParseQueue(o.reads); return err }},
		{"limit-writes", func() (err error) { op.Writes, err = platform.ParseQueue(o.writes); return err }},
	} {
		if !cmd.Flags().Changed(flag.name) {
			continue
		}
		any = true
		if err := flag.set(); err != nil {
			return cmdutil.Usage(cmd, hint.BadUsage(fmt.Errorf("--%s: %w", flag.name, err), hint.Of(err)))
		}
	}
	if any {
		s.Operator = op
	}
	return nil
}

func resources(o *platform.Operator) *platform.Resources {
	if o.Resources == nil {
		o.Resources = &platform.Resources{}
	}
	return o.Resources
}

package registry

import (
	"fmt"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// operatorFlags are those of OpenShift 4's registry operator.
type operatorFlags struct {
	state, strategy           string
	tolerations               []string
	requests, limits          string
	reads, writes             string
	readOnly, disableRedirect bool
}

func (o *operatorFlags) add(cmd *cobra.Command) {
	s := cmd.Flags()
	cmdutil.BindEnum(cmd, "state", "openshift4: Managed (where nothing is said), Unmanaged or Removed", &o.state, platform.Managed, platform.Unmanaged, platform.Removed)
	cmdutil.BindEnum(cmd, "rollout-strategy", "openshift4: RollingUpdate or Recreate; by default the one that the storage needs", &o.strategy, platform.RollingUpdate, platform.Recreate)
	s.StringArrayVar(&o.tolerations, "toleration", nil, "openshift4: run on nodes with this `taint`, KEY[=VALUE][:EFFECT]; all of them anew, an empty one is none")
	s.StringVar(&o.requests, "requests", "", "openshift4: `amounts` that are kept for the registry: cpu=100m,memory=256Mi")
	s.StringVar(&o.limits, "limits", "", "openshift4: `amounts` that it may use at most")
	s.StringVar(&o.reads, "limit-reads", "", "openshift4: `RUNNING[,QUEUED[,WAIT]]` pulls at the same time and in the queue, and how long there: 100,200,10s; 0 is no limit")
	s.StringVar(&o.writes, "limit-writes", "", "openshift4: the same of pushes")
	s.BoolVar(&o.readOnly, "read-only", false, "openshift4: refuse pushes")
	s.BoolVar(&o.disableRedirect, "disable-redirect", false, "openshift4: images come through the registry, not from the bucket itself")
}

// spec puts them into a Spec, where any of them is given.
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

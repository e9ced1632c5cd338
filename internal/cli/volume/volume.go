// Package volume has the commands about volumes of workloads, as "oc volume".
package volume

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/workload"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// volumeOptions are the flags of all commands about volumes; the old spelling has them all on one command.
type volumeOptions struct {
	pipeline.WorkloadCommand
	env *cmdutil.Env

	name                string
	source              workload.SourceFlags
	mountPath, subPath  string
	readOnly, overwrite bool
	claim               workload.Claim
	class               string
	removeAll           bool
	add, remove, list   bool
}

// New is the family volume, which also answers to oc's spelling.
func New(env *cmdutil.Env) *cobra.Command {
	o := &volumeOptions{env: env}
	cmd := &cobra.Command{
		Use:   "volume",
		Short: "Add, replace, remove and list the volumes of workloads",
		Long: `Add, replace, remove and list the volumes of anything that has a pod template.

The spelling of oc works too: regctl volume TYPE/NAME --add …, --remove …, or nothing to list.`,
		RunE: o.oldSpelling,
	}
	o.Mutation = pipeline.AddMutation(env, cmd)
	o.SelectFlags(cmd)
	o.flags(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.add, "add", false, "add a volume, as volume add does")
	f.BoolVar(&o.remove, "remove", false, "remove a volume, as volume remove does")
	f.BoolVar(&o.list, "list", false, "list volumes, as volume list does")
	cmd.AddCommand(o.newAdd(cmd), o.newRemove(cmd), o.newList(cmd))
	return cmd
}

func (o *volumeOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.name, "name", "", "`name` of the volume")
	f.StringVarP(&o.source.Type, "type", "t", "", "the `type`: emptyDir, hostPath, secret, configmap or pvc; by default what the other flags imply")
	f.StringVarP(&o.mountPath, "mount-path", "m", "", "mount it at this `path` in the containers")
	f.StringVar(&o.subPath, "sub-path", "", "mount this `path` of the volume instead of its root")
	f.BoolVar(&o.readOnly, "read-only", false, "mount it so that the containers cannot write to it")
	f.BoolVar(&o.overwrite, "overwrite", false, "replace the source or the mount of a volume that is there")
	f.StringVar(&o.source.Mode, "default-mode", "", "octal `mode` of the files of a secret or configmap (default 0644)")
	f.StringVar(&o.source.Path, "path", "", "the `folder` of the node, for a hostPath")
	f.StringVar(&o.source.ConfigMap, "configmap-name", "", "`name` of the configmap")
	f.StringVar(&o.source.Secret, "secret-name", "", "`name` of the secret")
	f.StringVar(&o.source.Claim, "claim-name", "", "`name` of the claim")
	f.StringVar(&o.claim.Size, "claim-size", "", "make the claim with this `size`, such as 10Gi")
	f.StringVar(&o.claim.Mode, "claim-mode", "ReadWriteOnce", "access `mode` of the claim that is made: ReadWriteOnce (rwo), ReadWriteMany (rwm), ReadOnlyMany (rom)")
	f.StringVar(&o.class, "claim-class", "", "storage `class` of the claim that is made; by default the cluster's")
	f.StringVar(&o.source.JSON, "source", "", "any source of a volume as `JSON`, such as '{\"nfs\":{\"server\":\"nas\",\"path\":\"/images\"}}'")
	f.BoolVar(&o.removeAll, "confirm", false, "remove all volumes, where no --name is given")
}

// addFlags are the flags that only adding has.
func addFlags() []string {
	return []string{"type", "mount-path", "sub-path", "read-only", "overwrite", "default-mode", "path", "configmap-name",
		"secret-name", "claim-name", "claim-size", "claim-mode", "claim-class", "source"}
}

// oldSpelling is "volume TYPE/NAME --add|--remove|--list".
func (o *volumeOptions) oldSpelling(cmd *cobra.Command, args []string) error {
	if pipeline.AsksFamily(cmd, args) {
		return cmdutil.UnknownOrHelp(cmd, args)
	}
	given := 0
	for _, op := range []bool{o.add, o.remove, o.list} {
		if op {
			given++
		}
	}
	switch {
	case given > 1:
		return hint.BadUsage(errors.New("you may only specify one operation at a time"), "")
	case o.add:
		o.AsOriginal(o.env, cmd, plan.Print)
		return o.runAdd(cmd, args)
	}
	if wrong := pipeline.Changed(cmd, addFlags()...); len(wrong) > 0 {
		return hint.BadUsage(fmt.Errorf("--%s may only be used with --add", strings.Join(wrong, ", --")), "")
	}
	if o.remove {
		o.AsOriginal(o.env, cmd, plan.Print)
		return o.runRemove(cmd, args)
	}
	return o.runList(cmd, args)
}

// storageVolume is the name of the volume that holds a registry's images.
func storageVolume() string { return platform.StorageVolume }

func (o *volumeOptions) volume(cmd *cobra.Command) (workload.Volume, error) {
	v := workload.Volume{Name: o.name, Containers: o.Containers, Overwrite: o.overwrite, Storage: storageVolume()}
	var err error
	if o.source.Given() {
		if v.Source, err = o.source.Source(); err != nil {
			return v, hint.BadUsage(err, "")
		}
	}
	if o.mountPath == "" {
		if wrong := pipeline.Changed(cmd, "sub-path", "read-only"); len(wrong) > 0 {
			return v, hint.BadUsage(fmt.Errorf("--%s needs --mount-path", wrong[0]), "")
		}
		return v, workload.CheckVolumeName(o.name)
	}
	v.Mount = &workload.Mount{Path: o.mountPath}
	if cmd.Flags().Changed("sub-path") {
		v.Mount.SubPath = &o.subPath
	}
	if cmd.Flags().Changed("read-only") {
		v.Mount.ReadOnly = &o.readOnly
	}
	return v, cmp.Or(workload.CheckVolumeName(o.name), v.Mount.Check())
}

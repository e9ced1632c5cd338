// Package volume has the commands for volumes of workloads, as in "oc volume".
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

// volumeOptions holds the flags of all volume commands; the oc syntax has them all on one command.
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

// New returns the family volume, which also accepts the syntax of oc.
func New(env *cmdutil.Env) *cobra.Command {
	o := &volumeOptions{env: env}
	cmd := &cobra.Command{
		Use:     "volume",
		Aliases: []string{"volumes"},
		Short:   "Add, remove and list volumes of workloads",
		Long: `Add, replace, remove and list the volumes of workloads, that is, of objects with a pod
template.

The syntax of oc also works: regctl volume TYPE/NAME --add … or --remove …; without
either it lists the volumes.`,
		RunE: o.oldSpelling,
	}
	o.Mutation = pipeline.AddMutation(env, cmd)
	o.SelectFlags(cmd)
	o.flags(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.add, "add", false, "add a volume, as volume add")
	f.BoolVar(&o.remove, "remove", false, "remove a volume, as volume remove")
	f.BoolVar(&o.list, "list", false, "list volumes, as volume list")
	pipeline.CompleteFlags(cmd, map[string]cobra.CompletionFunc{
		"name": o.CompleteVolumes(env), "secret-name": o.CompleteNames(env, "secret"),
		"configmap-name": o.CompleteNames(env, "configmap"), "claim-name": o.CompleteNames(env, "persistentvolumeclaim"),
	})
	cmd.AddCommand(o.newAdd(cmd), o.newRemove(cmd), o.newList(cmd))
	for _, verb := range cmd.Commands() {
		verb.ValidArgsFunction = o.CompleteWorkloads(env)
	}
	return cmd
}

func (o *volumeOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.name, "name", "", "`name` of the volume")
	f.StringVarP(&o.source.Type, "type", "t", "", "`type`: emptyDir, hostPath, secret, configmap or pvc (default: implied by flags)")
	f.StringVarP(&o.mountPath, "mount-path", "m", "", "mount `path` in the containers")
	f.StringVar(&o.subPath, "sub-path", "", "`path` in the volume to mount instead of its root")
	f.BoolVar(&o.readOnly, "read-only", false, "mount the volume read-only")
	f.BoolVar(&o.overwrite, "overwrite", false, "replace the source or the mount of an existing volume")
	f.StringVar(&o.source.Mode, "default-mode", "", "octal `mode` of files of a secret or config map (default 0644)")
	f.StringVar(&o.source.Path, "path", "", "hostPath: `directory` of the node")
	f.StringVar(&o.source.ConfigMap, "configmap-name", "", "`name` of the config map")
	f.StringVar(&o.source.Secret, "secret-name", "", "`name` of the secret")
	f.StringVar(&o.source.Claim, "claim-name", "", "`name` of the PVC")
	f.StringVar(&o.claim.Size, "claim-size", "", "create the PVC with this `size`: 10Gi")
	f.StringVar(&o.claim.Mode, "claim-mode", "ReadWriteOnce", "access `mode` of the new PVC: ReadWriteOnce, ReadWriteMany or ReadOnlyMany")
	f.StringVar(&o.class, "claim-class", "", "storage `class` of the new PVC (default: the cluster's)")
	f.StringVar(&o.source.JSON, "source", "", "volume source as `JSON`: '{\"nfs\":{\"server\":\"nas\",\"path\":\"/images\"}}'")
	f.BoolVar(&o.removeAll, "confirm", false, "remove all volumes, if --name is not given")
}

// addFlags are the flags that only add uses.
func addFlags() []string {
	return []string{"type", "mount-path", "sub-path", "read-only", "overwrite", "default-mode", "path", "configmap-name",
		"secret-name", "claim-name", "claim-size", "claim-mode", "claim-class", "source"}
}

// oldSpelling runs "volume TYPE/NAME --add|--remove|--list".
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
		return hint.BadUsage(errors.New("--add, --remove and --list cannot be used together"), "")
	case o.add:
		o.AsOriginal(o.env, cmd, plan.Print)
		return o.runAdd(cmd, args)
	}
	if wrong := pipeline.Changed(cmd, addFlags()...); len(wrong) > 0 {
		return hint.BadUsage(fmt.Errorf("--%s cannot be used without --add", strings.Join(wrong, ", --")), "")
	}
	if o.remove {
		o.AsOriginal(o.env, cmd, plan.Print)
		return o.runRemove(cmd, args)
	}
	return o.runList(cmd, args)
}

// storageVolume is the name of the volume that stores a registry's images.
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
			return v, hint.BadUsage(fmt.Errorf("--%s requires --mount-path", wrong[0]), "")
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

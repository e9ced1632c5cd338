package registry

import (
	"cmp"
	"errors"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// deployFlags are the flags of "oadm registry", plus image and storage.
type deployFlags struct {
	component, images, image         string
	latest, create, daemonSet, local bool
	enforceQuota, noTLS              bool
	ports, labels, selector          string
	replicas                         int32
	mountPath, mountHost             string
	credentials, serviceAccount      string
	clusterIP, supplementalGroups    string
	fsGroup                          int64
	tlsCert, tlsKey                  string
	claimName, claimSize, claimClass string
	claimMode                        string
	nfsServer, nfsPath               string
	bucket, region, endpoint, s3Keys string
	s3CA                             string
	cloud                            cloudFlags
	storage, auth                    *cmdutil.Enum
	openSVC                          openSVCFlags
	operator                         operatorFlags
}

func (f *deployFlags) add(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVar(&f.image, "image", "", "registry `image` (default regctl/regctl:VERSION; OpenShift 3: its own image)")
	s.Int32Var(&f.replicas, "replicas", 1, "`number` of pods")
	s.StringVar(&f.ports, "ports", "5000", "comma-separated `ports`, CONTAINER[:HOST]; the registry uses the first")
	s.StringVar(&f.labels, "labels", "docker-registry=default", "`labels` of objects and pods; with NAME: docker-registry=NAME")
	s.StringVar(&f.selector, "selector", "", "node `labels` that the pods require")
	s.StringVar(&f.mountPath, "volume", "/registry", "mount `path` of the storage in the container")
	s.StringVar(&f.mountHost, "mount-host", "", "hostpath: `directory` of the node, writable for user 1001")
	s.StringVar(&f.serviceAccount, "service-account", "registry", "service `account` of the pods; with NAME: NAME")
	s.StringVar(&f.clusterIP, "cluster-ip", "", "cluster IP `address` of the Service")
	s.Int64Var(&f.fsGroup, "fs-group", 1001, "`group` that owns the storage; OpenShift 3: assigned by the SCC")
	s.StringVar(&f.supplementalGroups, "supplemental-groups", "", "comma-separated `groups` of the pods, instead of --fs-group")
	s.StringVar(&f.tlsCert, "tls-certificate", "", "PEM `file` of the certificate, optionally with its key (default: a new one)")
	s.StringVar(&f.tlsKey, "tls-key", "", "PEM `file` of the private key")
	s.BoolVar(&f.noTLS, "no-tls", false, "serve plain HTTP (default on OpenShift 3, unless --no-tls=false)")
	s.BoolVar(&f.daemonSet, "daemonset", false, "run a pod on each node, instead of --replicas")
	f.auth = cmdutil.EnumFlag(cmd, "auth", "", "", "authentication: htpasswd, none or openshift (default htpasswd; openshift for OpenShift's image)",
		platform.AuthHtpasswd, platform.AuthNone, platform.AuthOpenShift)
	cmdutil.FlagGroup(cmd, cmdutil.GroupStorage, f.addStorage)
	cmdutil.FlagGroup(cmd, cmdutil.GroupOpenSVC, f.openSVC.add)
	cmdutil.FlagGroup(cmd, cmdutil.GroupOpenShift4, f.operator.add)
	f.addOld(cmd)
}

func (f *deployFlags) addStorage(cmd *cobra.Command) {
	s := cmd.Flags()
	f.storage = cmdutil.EnumFlag(cmd, "storage", "", "", "storage kind: "+strings.Join(platform.Kinds(), ", "), platform.Kinds()...)
	s.StringVar(&f.claimName, "claim-name", "", "pvc: `name` of the PVC (default NAME for a new PVC)")
	s.StringVar(&f.claimSize, "claim-size", "", "pvc: create the PVC if it does not exist, with this `size`: 10Gi")
	s.StringVar(&f.claimClass, "claim-class", "", "pvc: storage `class` of a new PVC (default: the cluster's)")
	s.StringVar(&f.claimMode, "claim-mode", "", "pvc: access `mode`; several pods require ReadWriteMany (default ReadWriteOnce)")
	s.StringVar(&f.nfsServer, "nfs-server", "", "nfs: `host` of the NFS server")
	s.StringVar(&f.nfsPath, "nfs-path", "", "nfs: exported `directory`")
	s.StringVar(&f.bucket, "s3-bucket", "", "s3: `bucket`, or BUCKET/PREFIX")
	s.StringVar(&f.region, "s3-region", "", "s3: `region` of the bucket")
	s.StringVar(&f.endpoint, "s3-endpoint", "", "s3: endpoint `URL` of a server other than Amazon's")
	s.StringVar(&f.s3Keys, "s3-credentials-file", "", "s3: `file` in the format of ~/.aws/credentials (default: the node's role)")
	s.StringVar(&f.s3CA, "s3-ca", "", "s3: PEM `file` with the CA of --s3-endpoint")
	f.cloud.add(cmd)
}

// addOld adds the flags of oadm that are kept for compatibility.
func (f *deployFlags) addOld(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVar(&f.component, "type", platform.DefaultName, "`component` that replaces ${component} in --images")
	s.StringVar(&f.images, "images", "", "image `template` with ${component} and ${version}")
	s.BoolVar(&f.latest, "latest-images", false, "use the tag latest instead of a version")
	s.BoolVar(&f.enforceQuota, "enforce-quota", false, "enforce project quotas; OpenShift's image only")
	s.BoolVar(&f.local, "local", false, "ignored; use --dry-run=client")
	_ = s.MarkHidden("local") // the only failure is a flag that does not exist
	s.BoolVar(&f.create, "create", false, "ignored; deploy always creates the registry")
	s.StringVar(&f.credentials, "credentials", "", "ignored `file`; the pods use their service account")
}

// spec turns the given flags into a Spec; settings without a flag are kept.
func (f *deployFlags) spec(env *cmdutil.Env, cmd *cobra.Command, name string) (platform.Spec, error) {
	f.explainOld(env, cmd)
	s := platform.Spec{Name: name}
	var err error
	if s.Workload, err = f.workload(env, cmd); err != nil {
		return s, cmdutil.Usage(cmd, err)
	}
	if s.Storage, err = f.storageSpec(cmd); err != nil {
		return s, err
	}
	if s.TLS, err = f.tlsSpec(cmd); err != nil {
		return s, err
	}
	if cmd.Flags().Changed("auth") {
		s.Auth = &platform.Auth{Kind: f.auth.Value}
	}
	if err := f.operator.spec(cmd, &s); err != nil {
		return s, err
	}
	err = f.openSVC.spec(&s)
	return s, err
}

func (f *deployFlags) explainOld(env *cmdutil.Env, cmd *cobra.Command) {
	if f.credentials != "" {
		env.Warn("--credentials %s is ignored: the pods use their service account", f.credentials)
	}
	if f.create {
		env.Say("--create is ignored: deploy always creates the registry")
	}
	if cmd.Flags().Changed("type") && f.image != "" {
		env.Warn("--type has no effect with --image")
	}
}

func (f *deployFlags) workload(env *cmdutil.Env, cmd *cobra.Command) (*platform.Workload, error) {
	given := cmd.Flags().Changed
	w := &platform.Workload{Image: f.image, ClusterIP: f.clusterIP}
	var errs [5]error
	if w.Template = f.template(env, cmd); w.Template != nil {
		errs[4] = w.Template.Check()
	}
	if given("ports") {
		w.Ports, errs[0] = platform.ParsePorts(f.ports)
	}
	if given("labels") {
		w.Labels, errs[1] = platform.ParseLabels(f.labels)
		if errs[1] == nil && len(w.Labels) == 0 {
			errs[1] = errors.New("--labels: at least one label is required to select the pods")
		}
	}
	if given("selector") {
		w.NodeSelector, errs[2] = platform.ParseLabels(f.selector)
	}
	if given("supplemental-groups") {
		w.SupplementalGroups, errs[3] = platform.ParseGroups(f.supplementalGroups)
	}
	if given("replicas") {
		w.Replicas = &f.replicas
	}
	if given("fs-group") {
		w.FSGroup = &f.fsGroup
	}
	if given("daemonset") {
		w.DaemonSet = &f.daemonSet
	}
	if given("volume") {
		w.MountPath = f.mountPath
	}
	if given("service-account") {
		w.ServiceAccount = f.serviceAccount
	}
	if given("enforce-quota") {
		w.EnforceQuota = &f.enforceQuota
	}
	return w, cmp.Or(errs[0], errs[1], errs[2], errs[3], errs[4])
}

// template is the template of the image's name; nil if no flag sets it.
func (f *deployFlags) template(env *cmdutil.Env, cmd *cobra.Command) *platform.ImageTemplate {
	t := &platform.ImageTemplate{Component: f.component, Latest: f.latest}
	t.Images = cmp.Or(env.Getenv("OPENSHIFT_"+strings.ToUpper(strings.ReplaceAll(f.component, "-", "_"))+"_IMAGE"), f.images)
	if f.image != "" || t.Images == "" && !f.latest && !cmd.Flags().Changed("type") {
		return nil
	}
	return t
}

func (f *deployFlags) tlsSpec(cmd *cobra.Command) (*platform.TLS, error) {
	switch {
	case f.tlsCert == "" && f.tlsKey == "":
		if !cmd.Flags().Changed("no-tls") {
			return nil, nil
		}
		return &platform.TLS{Off: f.noTLS}, nil
	case f.noTLS:
		return nil, hint.BadUsage(errors.New("--no-tls cannot be used with --tls-certificate"), "")
	case f.tlsCert == "":
		return nil, hint.BadUsage(errors.New("--tls-key requires --tls-certificate"), "add --tls-certificate FILE")
	}
	return readPair(f.tlsCert, f.tlsKey)
}

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

// deployFlags are those of "oadm registry", with an image and storage.
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
	s.StringVar(&f.image, "image", "", "the `image` to run (default regctl/regctl:VERSION; on OpenShift 3 openshift/origin-docker-registry of the cluster's version, or v3.11.0)")
	s.Int32Var(&f.replicas, "replicas", 1, "`number` of pods; once given it is kept until others scale it")
	s.StringVar(&f.ports, "ports", "5000", "`ports` with commas between: CONTAINER or CONTAINER:HOST; the first is the registry's")
	s.StringVar(&f.labels, "labels", "docker-registry=default", "`labels` of all objects and selector of the pods; for another NAME docker-registry=NAME")
	s.StringVar(&f.selector, "selector", "", "run on nodes with these `labels`")
	s.StringVar(&f.mountPath, "volume", "/registry", "`folder` of the storage in the container")
	s.StringVar(&f.mountHost, "mount-host", "", "keep the images in this `folder` of the node, which user 1001 must be able to write; the pod is privileged on OpenShift 3 alone")
	s.StringVar(&f.serviceAccount, "service-account", "registry", "`account` that the pod runs as; for another NAME it is NAME")
	s.StringVar(&f.clusterIP, "cluster-ip", "", "fixed `address` of the Service")
	s.Int64Var(&f.fsGroup, "fs-group", 1001, "`group` that owns the storage (OpenShift 3: none, its constraints give one)")
	s.StringVar(&f.supplementalGroups, "supplemental-groups", "", "`groups` of the pod with commas between, instead of --fs-group")
	s.StringVar(&f.tlsCert, "tls-certificate", "", "PEM `file` of the certificate, which may also hold its key (default one signed by a CA that is made)")
	s.StringVar(&f.tlsKey, "tls-key", "", "PEM `file` of its key")
	s.BoolVar(&f.noTLS, "no-tls", false, "plain HTTP, for where something else encrypts; the default on OpenShift 3, where --no-tls=false has a certificate made")
	s.BoolVar(&f.daemonSet, "daemonset", false, "a pod on each node instead of a number of them")
	f.auth = cmdutil.EnumFlag(cmd, "auth", "", "", "who may come in: users with a password (htpasswd, the default), everyone (none), or whom the cluster lets (openshift, the default of OpenShift's image)",
		platform.AuthHtpasswd, platform.AuthNone, platform.AuthOpenShift)
	cmdutil.FlagGroup(cmd, cmdutil.GroupStorage, f.addStorage)
	cmdutil.FlagGroup(cmd, cmdutil.GroupOpenSVC, f.openSVC.add)
	cmdutil.FlagGroup(cmd, cmdutil.GroupOpenShift4, f.operator.add)
	f.addOld(cmd)
}

func (f *deployFlags) addStorage(cmd *cobra.Command) {
	s := cmd.Flags()
	f.storage = cmdutil.EnumFlag(cmd, "storage", "", "", "where the images are: "+strings.Join(platform.Kinds(), ", "), platform.Kinds()...)
	s.StringVar(&f.claimName, "claim-name", "", "pvc: `name` of the claim (default NAME, where it is made)")
	s.StringVar(&f.claimSize, "claim-size", "", "pvc: make the claim where it is missing, of this `size`: 10Gi")
	s.StringVar(&f.claimClass, "claim-class", "", "pvc: storage `class` of the claim (default the cluster's)")
	s.StringVar(&f.claimMode, "claim-mode", "", "pvc: access `mode` of the claim: ReadWriteOnce (default) or ReadWriteMany, for several pods")
	s.StringVar(&f.nfsServer, "nfs-server", "", "nfs: `host` of the file server")
	s.StringVar(&f.nfsPath, "nfs-path", "", "nfs: exported `folder`")
	s.StringVar(&f.bucket, "s3-bucket", "", "s3: `bucket`, or BUCKET/PREFIX")
	s.StringVar(&f.region, "s3-region", "", "s3: `region` of the bucket")
	s.StringVar(&f.endpoint, "s3-endpoint", "", "s3: `URL` of another server than Amazon's")
	s.StringVar(&f.s3Keys, "s3-credentials-file", "", "s3: `file` of the form of ~/.aws/credentials (default the node's role)")
	s.StringVar(&f.s3CA, "s3-ca", "", "s3: PEM `file` of the CA that signed the certificate of --s3-endpoint")
	f.cloud.add(cmd)
}

// addOld adds the flags that only speak of the past.
func (f *deployFlags) addOld(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVar(&f.component, "type", platform.DefaultName, "`component` that --images names as ${component}")
	s.StringVar(&f.images, "images", "", "`template` of the image with ${component} and ${version}, the cluster's on OpenShift 3 and regctl's elsewhere; $OPENSHIFT_DOCKER_REGISTRY_IMAGE wins")
	s.BoolVar(&f.latest, "latest-images", false, "the tag latest instead of a version")
	s.BoolVar(&f.enforceQuota, "enforce-quota", false, "OpenShift's image: heed the quotas of projects")
	s.BoolVar(&f.local, "local", false, "does nothing: --dry-run=client needs no server anyhow")
	_ = s.MarkHidden("local") // the only failure is a flag that does not exist
	s.BoolVar(&f.create, "create", false, "does nothing: deploy always creates")
	s.StringVar(&f.credentials, "credentials", "", "does nothing: the pod gets no kubeconfig `file`, its service account is enough")
}

// spec is what the flags that were given say; all else stays as it is.
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
		env.Warn("--credentials %s is not used: a key in a pod's environment is everyone's to read; the pod's service account has the rights that it needs", f.credentials)
	}
	if f.create {
		env.Say("--create is no longer needed: deploy always creates")
	}
	if cmd.Flags().Changed("type") && f.image != "" {
		env.Warn("--type has no effect beside --image")
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
			errs[1] = errors.New("--labels: the pods cannot be found without one")
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

// template is how the image is to be named; nil where the flags do not say it.
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
		return nil, hint.BadUsage(errors.New("--no-tls and --tls-certificate exclude each other"), "")
	case f.tlsCert == "":
		return nil, hint.BadUsage(errors.New("--tls-key without its certificate"), "add --tls-certificate FILE")
	}
	return readPair(f.tlsCert, f.tlsKey)
}

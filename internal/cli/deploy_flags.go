package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/images"
	"github.com/spf13/cobra"
)

// deployFlags are those of "oadm registry", with an image and storage.
type deployFlags struct {
	component, images, image         string
	latest, create, daemonSet        bool
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
	storage, auth                    *enum
}

func (f *deployFlags) add(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVar(&f.image, "image", "", "the `image` to run (default regctl/regctl:VERSION)")
	s.Int32Var(&f.replicas, "replicas", 1, "`number` of pods; once given it is kept until others scale it")
	s.StringVar(&f.ports, "ports", "5000", "`ports` with commas between: CONTAINER or CONTAINER:HOST; the first is the registry's")
	s.StringVar(&f.labels, "labels", "docker-registry=default", "`labels` of all objects and selector of the pods; for another NAME docker-registry=NAME")
	s.StringVar(&f.selector, "selector", "", "run on nodes with these `labels`")
	s.StringVar(&f.mountPath, "volume", "/registry", "`folder` of the storage in the container")
	s.StringVar(&f.mountHost, "mount-host", "", "keep the images in this `folder` of the node; the pod is not privileged, so user 1001 must be able to write it")
	s.StringVar(&f.serviceAccount, "service-account", "registry", "`account` that the pod runs as; for another NAME it is NAME")
	s.StringVar(&f.clusterIP, "cluster-ip", "", "fixed `address` of the Service")
	s.Int64Var(&f.fsGroup, "fs-group", 1001, "`group` that owns the storage")
	s.StringVar(&f.supplementalGroups, "supplemental-groups", "", "`groups` of the pod with commas between, instead of --fs-group")
	s.StringVar(&f.tlsCert, "tls-certificate", "", "PEM `file` of the certificate, which may also hold its key (default: one signed by a CA that is made)")
	s.StringVar(&f.tlsKey, "tls-key", "", "PEM `file` of its key")
	s.BoolVar(&f.noTLS, "no-tls", false, "plain HTTP, for where something else encrypts")
	s.BoolVar(&f.daemonSet, "daemonset", false, "a pod on each node instead of a number of them")
	f.auth = enumFlag(cmd, "auth", "", "htpasswd", "who may come in: users with a password, or everyone", platform.AuthHtpasswd, platform.AuthNone)
	f.addStorage(cmd)
	f.addOld(cmd)
}

func (f *deployFlags) addStorage(cmd *cobra.Command) {
	s := cmd.Flags()
	f.storage = enumFlag(cmd, "storage", "", "", "where the images are: "+strings.Join(platform.Kinds(), ", "), platform.Kinds()...)
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
}

// addOld adds the flags that only speak of the past.
func (f *deployFlags) addOld(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVar(&f.component, "type", "docker-registry", "`component` that --images names as ${component}")
	s.StringVar(&f.images, "images", "", "`template` of the image with ${component} and ${version}; better: --image")
	s.BoolVar(&f.latest, "latest-images", false, "the tag latest instead of this regctl's version")
	s.BoolVar(&f.enforceQuota, "enforce-quota", false, "does nothing here: image quotas are OpenShift's")
	s.BoolVar(&f.create, "create", false, "does nothing: deploy always creates")
	s.StringVar(&f.credentials, "credentials", "", "does nothing: the pod gets no kubeconfig `file`, its service account is enough")
}

// spec is what the flags that were given say; all else stays as it is.
func (f *deployFlags) spec(env *Env, cmd *cobra.Command, name string) (platform.Spec, error) {
	f.explainOld(env, cmd)
	s := platform.Spec{Name: name}
	var err error
	if s.Workload, err = f.workload(env, cmd); err != nil {
		return s, usage(cmd, err)
	}
	if s.Storage, err = f.storageSpec(cmd); err != nil {
		return s, err
	}
	if s.TLS, err = f.tlsSpec(cmd); err != nil {
		return s, err
	}
	if cmd.Flags().Changed("auth") {
		s.Auth = &platform.Auth{Kind: f.auth.value}
	}
	return s, nil
}

func (f *deployFlags) explainOld(env *Env, cmd *cobra.Command) {
	if f.credentials != "" {
		env.Warn("--credentials %s is not used: a key in a pod's environment is everyone's to read; the pod runs as its service account", f.credentials)
	}
	if f.create {
		env.Say("--create is no longer needed: deploy always creates")
	}
	if f.enforceQuota {
		env.Warn("--enforce-quota has no effect here: quotas of images are OpenShift's")
	}
	if cmd.Flags().Changed("type") && f.images == "" {
		env.Warn("--type has no effect without --images")
	}
}

func (f *deployFlags) workload(env *Env, cmd *cobra.Command) (*platform.Workload, error) {
	given := cmd.Flags().Changed
	w := &platform.Workload{Image: f.imageName(env), ClusterIP: f.clusterIP}
	var errs [4]error
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
	return w, cmp.Or(errs[0], errs[1], errs[2], errs[3])
}

// imageName is the image that the flags name; "" where they name none.
func (f *deployFlags) imageName(env *Env) string {
	own := images.SelfName(BuildVersion().Version)
	version := own[strings.LastIndex(own, ":")+1:]
	if f.latest {
		version = "latest"
	}
	template := cmp.Or(env.Getenv("OPENSHIFT_"+strings.ToUpper(strings.ReplaceAll(f.component, "-", "_"))+"_IMAGE"), f.images)
	switch {
	case f.image != "":
		return f.image
	case template != "":
		return strings.NewReplacer("${component}", f.component, "${version}", version).Replace(template)
	case f.latest:
		return own[:strings.LastIndex(own, ":")+1] + version
	}
	return ""
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

// readKeys reads a file of S3 keys, and leaves to the SDK what it is to mean.
func readKeys(name string) ([]byte, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, fileError(name, err)
	}
	for _, key := range []string{"aws_access_key_id", "aws_secret_access_key"} {
		if !bytes.Contains(b, []byte(key)) {
			return nil, hint.BadUsage(fmt.Errorf("%s: no %s in it", name, key), "write it as ~/.aws/credentials is: [default], aws_access_key_id = …, aws_secret_access_key = …")
		}
	}
	return b, nil
}

package registry

import (
	"cmp"
	"fmt"
	"os"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// storageFlags maps prefixes of flags to kinds of storage.
func storageFlags() map[string]string {
	return map[string]string{"mount-host": platform.KindHostPath, "claim-": platform.KindPVC, "nfs-": platform.KindNFS, "s3-": platform.KindS3, "azure-": platform.KindAzure, "gcs-": platform.KindGCS}
}

// cloudFlags configure Azure Blob Storage and Google Cloud Storage.
type cloudFlags struct {
	azure             platform.Azure
	gcs               platform.GCS
	azureKey, gcsKeys string
}

func (c *cloudFlags) add(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVar(&c.azure.Account, "azure-account", "", "azure: storage `account`")
	s.StringVar(&c.azure.Container, "azure-container", "", "azure: `container`, or CONTAINER/PREFIX")
	s.StringVar(&c.azure.Realm, "azure-realm", "", "azure: `domain` of the cloud (default core.windows.net)")
	s.StringVar(&c.azure.Endpoint, "azure-endpoint", "", "azure: endpoint `URL` of another server, such as Azurite")
	s.StringVar(&c.azureKey, "azure-key-file", "", "azure: `file` with the account key (default: the identity of the machine)")
	s.StringVar(&c.gcs.Bucket, "gcs-bucket", "", "gcs: `bucket`, or BUCKET/PREFIX")
	s.StringVar(&c.gcsKeys, "gcs-credentials-file", "", "gcs: JSON key `file` of a service account (default: the identity of the machine)")
}

// storage returns the storage of the flags, or nil for another kind.
func (c *cloudFlags) storage(kind string) (*platform.Storage, error) {
	var err error
	switch kind {
	case platform.KindAzure:
		azure := c.azure
		azure.Credentials, err = readGiven(c.azureKey)
		return &platform.Storage{Azure: &azure}, err
	case platform.KindGCS:
		gcs := c.gcs
		gcs.Credentials, err = readGiven(c.gcsKeys)
		return &platform.Storage{GCS: &gcs}, err
	}
	return nil, nil
}

// readGiven reads a file, if name is not empty.
func readGiven(name string) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, cmdutil.FileError(name, err)
	}
	return b, nil
}

// storageSpec returns the storage that the flags describe, or nil without such flags. A
// flag of a single kind implies that kind.
func (f *deployFlags) storageSpec(cmd *cobra.Command) (*platform.Storage, error) {
	kind, err := f.storageKind(cmd)
	if err != nil {
		return nil, err
	}
	switch kind {
	case platform.KindEmptyDir:
		return &platform.Storage{EmptyDir: &platform.EmptyDir{}}, nil
	case platform.KindHostPath:
		if f.mountHost == "" {
			return nil, hint.BadUsage(fmt.Errorf("--storage hostpath requires --mount-host"), "--mount-host /var/lib/registry")
		}
		return &platform.Storage{HostPath: &platform.HostPath{Path: f.mountHost}}, nil
	case platform.KindPVC:
		return &platform.Storage{PVC: &platform.PVC{Claim: f.claimName, Size: f.claimSize, Class: f.claimClass, Mode: f.claimMode}}, nil
	case platform.KindNFS:
		return &platform.Storage{NFS: &platform.NFS{Server: f.nfsServer, Path: f.nfsPath}}, nil
	case platform.KindS3:
		s3 := &platform.S3{Bucket: f.bucket, Region: f.region, Endpoint: f.endpoint}
		if f.s3Keys != "" {
			s3.Credentials, err = pipeline.ReadKeys(f.s3Keys)
		}
		if f.s3CA != "" && err == nil {
			s3.CA, err = readCA(f.s3CA)
		}
		return &platform.Storage{S3: s3}, err
	}
	return f.cloud.storage(kind)
}

// readCA reads the certificates of a PEM file and ignores other content.
func readCA(name string) (string, error) {
	chain, err := certs.ReadChain(name)
	if err != nil {
		return "", err
	}
	return string(certs.EncodeChain(chain)), nil
}

// storageKind is the kind of storage that the flags select.
func (f *deployFlags) storageKind(cmd *cobra.Command) (string, error) {
	kind, from := f.storage.Value, "--storage "+f.storage.Value
	var wrong error
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		of := kindOf(flag.Name)
		switch {
		case of == "" || wrong != nil:
		case kind == "":
			kind, from = of, "--"+flag.Name
		case kind != of:
			wrong = hint.BadUsage(fmt.Errorf("--%s cannot be used with %s", flag.Name, from), "use --storage "+of+", or omit --"+flag.Name)
		}
	})
	return kind, wrong
}

func kindOf(flag string) string {
	for prefix, kind := range storageFlags() {
		if strings.HasPrefix(flag, prefix) {
			return kind
		}
	}
	return ""
}

// readPair reads a certificate and its key; without a key file, the certificate file holds both.
func readPair(certFile, keyFile string) (*platform.TLS, error) {
	if _, err := certs.ReadChain(certFile); err != nil {
		return nil, err
	}
	advice := ""
	if keyFile == "" {
		keyFile, advice = certFile, "add --tls-key FILE"
	}
	if _, err := certs.ReadKey(keyFile); err != nil {
		return nil, hint.BadUsage(err, cmp.Or(advice, hint.Of(err)))
	}
	cert, err := os.ReadFile(certFile)
	if err != nil {
		return nil, err
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, err
	}
	cert, key, err = certs.CleanKeyPair(cert, key)
	if err != nil {
		return nil, hint.BadUsage(fmt.Errorf("%s and %s: %w", certFile, keyFile, err), "regctl ca inspect "+certFile+" --key "+keyFile)
	}
	return &platform.TLS{Certificate: cert, Key: key}, nil
}

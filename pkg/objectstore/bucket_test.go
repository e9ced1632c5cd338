package objectstore_test

import (
	"testing"

	"github.com/regctl/regctl/pkg/objectstore"
	"github.com/stretchr/testify/require"
)

func TestFromParameters(t *testing.T) {
	b, err := objectstore.FromParameters(map[string]any{"bucket": "images", "rootdirectory": "/team/registry/", "region": "eu-west-1"})
	require.NoError(t, err)
	require.Equal(t, objectstore.Bucket{Name: "images", Prefix: "team/registry", Region: "eu-west-1"}, b)
	require.Equal(t, "team/registry/docker", b.Key("docker"))
	require.Equal(t, "regctl storage s3-policy images --prefix team/registry --read-only", b.PolicyCommand(true))

	b, err = objectstore.FromParameters(map[string]any{ // as a URL, a file and a variable have them
		"bucket": "images", "region": "r", "regionendpoint": "http://s3.test", "secure": false, "forcepathstyle": true, "skipverify": "true",
		"v4auth": "false", "encrypt": "true", "keyid": "1", "storageclass": "none", "objectacl": "public-read", "usedualstack": true,
	})
	require.NoError(t, err)
	require.Equal(t, objectstore.Bucket{
		Name: "images", Region: "r", Endpoint: "http://s3.test", PlainHTTP: true, PathStyle: true, SkipVerify: true, V2: true,
		Encrypt: true, KeyID: "1", StorageClass: "NONE", ACL: "public-read", DualStack: true,
	}, b)
	require.Equal(t, "docker", b.Key("docker"))
	require.Equal(t, "storage s3 bucket images at http://s3.test", b.String())

	_, err = objectstore.FromParameters(map[string]any{"bucket": "images", "encrypt": "maybe"})
	require.EqualError(t, err, "storage s3: encrypt=maybe: must be true or false")
}

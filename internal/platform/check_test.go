package platform

import (
	"testing"

	"github.com/regctl/regctl/internal/platform/settings"
	"github.com/stretchr/testify/require"
)

func TestCheck(t *testing.T) {
	workload := func(w Workload) Spec { return Spec{Workload: &w} }
	storage := func(s Storage) Spec { return Spec{Storage: &s} }
	ports := func(p ...Port) Spec { return workload(Workload{Ports: p}) }
	for name, c := range map[string]struct {
		s    Spec
		want string // in the error; "" is none
	}{
		"nothing":                   {Spec{}, ""},
		"no storage":                {storage(Storage{}), "must be exactly one of"},
		"two storages":              {storage(Storage{EmptyDir: &EmptyDir{}, GCS: &GCS{Bucket: "b"}}), "not 2"},
		"emptydir":                  {storage(Storage{EmptyDir: &EmptyDir{}}), ""},
		"hostpath":                  {storage(Storage{HostPath: &HostPath{"/srv"}}), ""},
		"hostpath, relative":        {storage(Storage{HostPath: &HostPath{"srv"}}), `hostpath "srv"`},
		"hostpath, the root":        {storage(Storage{HostPath: &HostPath{"/./"}}), "hostpath"},
		"hostpath with ..":          {storage(Storage{HostPath: &HostPath{"/a/.."}}), "hostpath"},
		"hostpath with dots":        {storage(Storage{HostPath: &HostPath{"/a/..b"}}), ""},
		"pvc":                       {storage(Storage{PVC: &PVC{Claim: "c"}}), ""},
		"pvc without a claim":       {storage(Storage{PVC: &PVC{Size: "1Gi"}}), "storage: pvc"},
		"nfs":                       {storage(Storage{NFS: &NFS{"h", "/x"}}), ""},
		"nfs without a server":      {storage(Storage{NFS: &NFS{"", "/x"}}), "storage: nfs"},
		"nfs, relative":             {storage(Storage{NFS: &NFS{"h", "x"}}), "storage: nfs"},
		"s3":                        {storage(Storage{S3: &S3{Bucket: "b", Region: "r"}}), ""},
		"s3 by an endpoint":         {storage(Storage{S3: &S3{Bucket: "b", Endpoint: "https://s3"}}), ""},
		"s3 without a bucket":       {storage(Storage{S3: &S3{Region: "r"}}), "storage: s3: requires a bucket"},
		"s3 without a region":       {storage(Storage{S3: &S3{Bucket: "b"}}), "storage: s3: requires a region"},
		"s3, a CA that is none":     {storage(Storage{S3: &S3{Bucket: "b", Region: "r", CA: "x"}}), "storage: s3: ca"},
		"azure":                     {storage(Storage{Azure: &Azure{Account: "a", Container: "c"}}), ""},
		"azure with an endpoint":    {storage(Storage{Azure: &Azure{Account: "a", Container: "c", Endpoint: "http://h:10000/a"}}), ""},
		"azure with a key":          {storage(Storage{Azure: &Azure{Account: "a", Container: "c", Access: Access{Credentials: []byte("a2V5\n")}}}), ""},
		"azure, a key that is none": {storage(Storage{Azure: &Azure{Account: "a", Container: "c", Access: Access{Credentials: []byte("no key!")}}}), "account key"},
		"azure, an empty key":       {storage(Storage{Azure: &Azure{Account: "a", Container: "c", Access: Access{Credentials: []byte("\n")}}}), "account key"},
		"azure without an account":  {storage(Storage{Azure: &Azure{Container: "c"}}), "requires an account"},
		"azure, no container":       {storage(Storage{Azure: &Azure{Account: "a"}}), "requires a container"},
		"azure, no URL":             {storage(Storage{Azure: &Azure{Account: "a", Container: "c", Endpoint: "h:10000"}}), "endpoint"},
		"azure, no host":            {storage(Storage{Azure: &Azure{Account: "a", Container: "c", Endpoint: "https:///a"}}), "endpoint"},
		"azure, ftp":                {storage(Storage{Azure: &Azure{Account: "a", Container: "c", Endpoint: "ftp://h"}}), "endpoint"},
		"azure, a key in the URL":   {storage(Storage{Azure: &Azure{Account: "a", Container: "c", Endpoint: "https://h/?sig=x"}}), "endpoint"},
		"azure, a user in the URL":  {storage(Storage{Azure: &Azure{Account: "a", Container: "c", Endpoint: "https://u:p@h/"}}), "endpoint"},
		"azure, two places":         {storage(Storage{Azure: &Azure{Account: "a", Container: "c", Endpoint: "https://h", Realm: "r"}}), "realm cannot be used with endpoint"},
		"gcs":                       {storage(Storage{GCS: &GCS{Bucket: "b", Access: Access{Credentials: []byte(`{"type":"service_account"}`)}}}), ""},
		"gcs without a bucket":      {storage(Storage{GCS: &GCS{}}), "requires a bucket"},
		"gcs, no key file":          {storage(Storage{GCS: &GCS{Bucket: "b", Access: Access{Credentials: []byte(`{"type":"user"}`)}}}), "key file"},
		"gcs, regctl's own image":   {Spec{Storage: &Storage{GCS: &GCS{Bucket: "b"}}, Workload: &Workload{Image: "example.com/regctl:v1"}}, "not supported by example.com/regctl:v1"},
		"gcs, another image":        {Spec{Storage: &Storage{GCS: &GCS{Bucket: "b"}}, Workload: &Workload{Image: "registry:3"}}, ""},
		"s3, regctl's own image":    {Spec{Storage: &Storage{S3: &S3{Bucket: "b", Region: "r"}}, Workload: &Workload{Image: "regctl/regctl"}}, ""},
		"gcs, no JSON":              {storage(Storage{GCS: &GCS{Bucket: "b", Access: Access{Credentials: []byte("{")}}}), "key file"},
		"no replicas":               {workload(Workload{Replicas: new(int32(0))}), ""},
		"negative replicas":         {workload(Workload{Replicas: new(int32(-1))}), "replicas -1"},
		"replicas of a daemon set":  {workload(Workload{Replicas: new(int32(1)), DaemonSet: new(true)}), "daemon set"},
		"replicas of a deployment":  {workload(Workload{Replicas: new(int32(1)), DaemonSet: new(false)}), ""},
		"a daemon set":              {workload(Workload{DaemonSet: new(true)}), ""},
		"two kinds of groups":       {workload(Workload{FSGroup: new(int64(1)), SupplementalGroups: []int64{2}}), "fsGroup cannot be used"},
		"one group":                 {workload(Workload{FSGroup: new(int64(1))}), ""},
		"groups":                    {workload(Workload{SupplementalGroups: []int64{2}}), ""},
		"a cluster IP":              {workload(Workload{ClusterIP: "10.0.0.1"}), ""},
		"a headless service":        {workload(Workload{ClusterIP: "None"}), ""},
		"a cluster IP that is none": {workload(Workload{ClusterIP: "10.0.0"}), "cluster IP"},
		"a mount path":              {workload(Workload{MountPath: "/registry"}), ""},
		"the root as mount path":    {workload(Workload{MountPath: "/"}), "mount path"},
		"ports":                     {ports(Port{1, 0}, Port{65535, 65535}), ""},
		"port 0":                    {ports(Port{1, 0}, Port{0, 0}), "port 0:0"},
		"a port too high":           {ports(Port{65536, 0}), "port 65536:0"},
		"a negative host port":      {ports(Port{1, -1}), "port 1:-1"},
		"a host port too high":      {ports(Port{1, 65536}), "port 1:65536"},
		"no TLS":                    {Spec{TLS: &TLS{Off: true}}, ""},
		"no TLS, and a secret":      {Spec{TLS: &TLS{Off: true, Secret: "s"}}, "tls:"},
		"a TLS secret":              {Spec{TLS: &TLS{Secret: "s"}}, ""},
		"a pair":                    {Spec{TLS: &TLS{Certificate: []byte("c"), Key: []byte("k")}}, ""},
		"a certificate alone":       {Spec{TLS: &TLS{Certificate: []byte("c")}}, "tls: a certificate"},
		"a key alone":               {Spec{TLS: &TLS{Key: []byte("k")}}, "tls: a certificate"},
		"htpasswd":                  {Spec{Auth: &Auth{Kind: AuthHtpasswd}}, ""},
		"anonymous":                 {Spec{Auth: &Auth{Kind: AuthNone}}, ""},
		"openshift":                 {Spec{Auth: &Auth{Kind: AuthOpenShift}}, ""},
		"unknown users":             {Spec{Auth: &Auth{Kind: "ldap"}}, `auth: kind "ldap"`},
		"an exposure":               {Spec{Exposure: &Exposure{Kind: Edge, InsecurePolicy: InsecureAllow, WildcardPolicy: "None"}}, ""},
		"an unknown exposure":       {Spec{Exposure: &Exposure{Kind: "door"}}, `exposure: kind "door"`},
		"an unknown policy":         {Spec{Exposure: &Exposure{InsecurePolicy: "allow"}}, `exposure: insecurePolicy "allow"`},
		"an unknown wildcard":       {Spec{Exposure: &Exposure{WildcardPolicy: "All"}}, `exposure: wildcardPolicy "All"`},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.s.Check()
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
		})
	}
}

// TestKindsOfStorage has what each kind says of itself, and reads its volume or its settings back.
func TestKindsOfStorage(t *testing.T) {
	for _, c := range []struct {
		s                    Storage
		kind, place, address string
	}{
		{Storage{EmptyDir: &EmptyDir{}}, "emptydir", "the pod (emptydir)", ""},
		{Storage{HostPath: &HostPath{"/x"}}, "hostpath", "the node's directory /x", "/x"},
		{Storage{PVC: &PVC{Claim: "c"}}, "pvc", "the claim c", "c"},
		{Storage{NFS: &NFS{"h", "/x"}}, "nfs", "the NFS share h:/x", "h:/x"},
		{Storage{S3: &S3{Bucket: "b/p", Region: "r"}}, "s3", "the bucket b/p", "b/p"},
		{Storage{S3: &S3{Bucket: "b", Region: "r", Endpoint: "https://s3"}}, "s3", "the bucket b https://s3", "b"},
		{Storage{Azure: &Azure{Account: "a", Container: "c/p", Realm: "r"}}, "azure", "the Azure container a/c/p", "a/c/p"},
		{Storage{Azure: &Azure{Account: "a", Container: "c", Endpoint: "https://h"}}, "azure", "the Azure container a/c https://h", "a/c"},
		{Storage{GCS: &GCS{Bucket: "b/p"}}, "gcs", "the Google bucket b/p", "b/p"},
	} {
		require.Equal(t, c.kind, c.s.Kind())
		require.Contains(t, Kinds(), c.kind)
		require.Equal(t, c.place, c.s.Place())
		require.Equal(t, c.address, c.s.Of().Address())
		if m := c.s.Mounted(); m != nil {
			require.Nil(t, c.s.ObjectStore())
			key, fields := m.Volume()
			require.Equal(t, &c.s, StorageOfVolume(map[string]any{"name": "v", key: fields}))
			continue
		}
		for _, own := range []bool{true, false} {
			require.Equal(t, &c.s, StorageOfSettings(settings.Read(settings.Write(c.s.ObjectStore().Settings(own)))))
		}
	}
	require.Nil(t, StorageOfVolume(map[string]any{"name": "v", "csi": map[string]any{}}))
	require.Nil(t, StorageOfSettings(settings.Settings{Directory: "/registry", ServeStorage: "file:///x"}))
	var none *Storage
	require.Empty(t, none.Kind())
	require.Equal(t, "storage that regctl did not configure", none.Place())
	require.Nil(t, none.ObjectStore())
	require.Nil(t, none.Mounted())
}

func TestKeysOfObjectStores(t *testing.T) {
	aws := []byte("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
	for name, c := range map[string]struct {
		s    ObjectStore
		own  bool
		want []Credential
	}{
		"s3, own image":   {&S3{Access: Access{Credentials: aws}}, true, []Credential{{"AWS_SHARED_CREDENTIALS_FILE", "credentials", "", aws}}},
		"s3, other image": {&S3{Access: Access{Credentials: aws}}, false, []Credential{{"REGISTRY_STORAGE_S3_ACCESSKEY", "", "s3_access_key", []byte("a")}, {"REGISTRY_STORAGE_S3_SECRETKEY", "", "s3_secret_key", []byte("b")}}},
		"s3, not given":   {&S3{}, false, []Credential{{Variable: "REGISTRY_STORAGE_S3_ACCESSKEY", Key: "s3_access_key"}, {Variable: "REGISTRY_STORAGE_S3_SECRETKEY", Key: "s3_secret_key"}}},
		"azure":           {&Azure{Access: Access{Credentials: []byte(" a2V5\n")}}, true, []Credential{{"REGISTRY_STORAGE_AZURE_ACCOUNTKEY", "", "azure_account_key", []byte("a2V5")}}},
		"gcs":             {&GCS{Access: Access{Credentials: []byte(`{"type":"service_account"}`)}}, false, []Credential{{"REGISTRY_STORAGE_GCS_KEYFILE", "keyfile.json", "gcs_keyfile.json", []byte(`{"type":"service_account"}`)}}},
	} {
		got, err := c.s.Keys(c.own)
		require.NoError(t, err, name)
		require.Equal(t, c.want, got, name)
	}
	_, err := (&S3{Access: Access{Credentials: []byte("x")}}).Keys(false)
	require.ErrorContains(t, err, "s3 credentials")
	require.Equal(t, "f", Credential{Variable: "v", File: "f"}.SecretKey())
	require.Equal(t, "v", Credential{Variable: "v"}.SecretKey())
	require.Equal(t, "shared_key", (&Azure{Access: Access{Secret: "s"}}).Settings(true).AzureLogin)
	require.Equal(t, "default_credentials", (&Azure{}).Settings(true).AzureLogin)
}

func TestParseDocument(t *testing.T) {
	s, err := ParseDocument([]byte("---\n# comment\n---\napiVersion: regctl.io/v1\nkind: Registry\nmetadata: {name: x, namespace: ns}\nspec: {storage: {gcs: {bucket: b}}}\n"))
	require.NoError(t, err)
	require.Equal(t, Spec{Name: "x", Namespace: "ns", Storage: &Storage{GCS: &GCS{Bucket: "b"}}}, s)
	s, err = ParseDocument([]byte("apiVersion: regctl.io/v1\nkind: Registry\n"))
	require.NoError(t, err)
	require.Equal(t, DefaultName, s.Name)
	for text, want := range map[string]string{
		"": "must contain one document, not 0",
		"apiVersion: regctl.io/v1\n---\nkind: x\n": "must contain one document, not 2",
		"a: [":                                  "yaml",
		"[]":                                    "cannot unmarshal",
		"apiVersion: v1\nkind: Registry\n":      "must be kind: Registry, apiVersion: regctl.io/v1",
		"apiVersion: regctl.io/v1\nkind: Pod\n": "must be kind: Registry, apiVersion: regctl.io/v1",
		"apiVersion: regctl.io/v1\nkind: Registry\nspec: {storag: {}}\n": `unknown field "storag"`,
	} {
		_, err := ParseDocument([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
}

func TestTag(t *testing.T) {
	for image, want := range map[string]string{
		"a:1": "1", "h:5000/a": "", "h:5000/a:v1": "v1", "a": "", "": "", ":x": "x", "a:": "", "a@sha256:b": "", "a:1@sha256:b": "",
	} {
		require.Equal(t, want, Tag(image), image)
	}
}

package route_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/route"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden compares the Routes with what "oc expose" and "oc create route" make, with labels of the Service.
func TestGolden(t *testing.T) {
	pem := func(name string) []byte { return []byte("-----BEGIN " + name + "-----\n") }
	for name, w := range map[string]route.Way{
		"passthrough": {Target: "5000-tcp"},
		"host":        {Exposure: platform.Exposure{Host: "registry.example.com", Kind: platform.Passthrough, InsecurePolicy: "Redirect"}, Target: int64(5000)},
		"edge":        {Exposure: platform.Exposure{Kind: platform.Edge, Path: "/v2/", Name: "public", Labels: map[string]string{"team": "web", "docker-registry": "mine"}}},
		"wildcard":    {Exposure: platform.Exposure{Kind: platform.Edge, Host: "r.apps.example.com", WildcardPolicy: "Subdomain"}},
		"reencrypt": {Exposure: platform.Exposure{
			Kind: platform.Reencrypt, Certificate: pem("CERTIFICATE"), Key: pem("KEY"), Chain: pem("CHAIN"), BackendCA: pem("CA"),
		}, Target: "5000-tcp"},
	} {
		t.Run(name, func(t *testing.T) {
			w.Client, w.Service, w.Marks = &cluster.Client{Namespace: "default"}, "docker-registry", map[string]string{"docker-registry": "default"}
			change, err := w.Plan(t.Context())
			require.NoError(t, err)
			got, err := json.MarshalIndent(change.Object.Object, "", "  ")
			require.NoError(t, err)
			golden := filepath.Join("testdata", name+".json")
			if *update {
				require.NoError(t, os.WriteFile(golden, append(got, '\n'), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), string(got)+"\n")
		})
	}
}

func TestCheck(t *testing.T) {
	some := []byte("x")
	for _, e := range []platform.Exposure{
		{}, {Host: "a.example.com"}, {Kind: platform.Edge}, {Kind: platform.Edge, InsecurePolicy: "Allow"}, {InsecurePolicy: "Redirect"},
		{Kind: platform.Edge, Certificate: some, Key: some, Chain: some, Path: "/v2/"}, {Kind: platform.Reencrypt, BackendCA: some},
		{Kind: platform.Edge, Host: "a.example.com", WildcardPolicy: "Subdomain"}, {WildcardPolicy: "None"},
	} {
		require.NoError(t, route.Check(e), "%+v", e)
	}
	for wrong, e := range map[string]platform.Exposure{
		"routes specify wildcards by":                      {Host: "*.example.com"},
		"must be a DNS name":                               {Host: "192.0.2.1"},
		"must be a lower-case host name with a domain":     {Host: "https://a.example.com"},
		"a certificate cannot be used with passthrough":    {TLSSecret: "x"},
		"--dest-ca-cert: requires --reencrypt":             {Kind: platform.Edge, BackendCA: some},
		"--ca-cert: requires --cert":                       {Kind: platform.Edge, Chain: some},
		"Allow: cannot be used with passthrough":           {InsecurePolicy: "Allow"},
		"Subdomain: requires --hostname":                   {Kind: platform.Edge, WildcardPolicy: "Subdomain"},
		"--path /v2/: cannot be used with":                 {Path: "/v2/"},
		`--path "v2": must begin with /`:                   {Kind: platform.Edge, Path: "v2"},
		`--hostname "registry": must be a lower-case host`: {Host: "registry"},
	} {
		err := route.Check(e)
		require.ErrorContains(t, err, wrong)
		require.Equal(t, hint.Usage, hint.CodeOf(err))
	}
}

func TestHost(t *testing.T) {
	for text, want := range map[string]string{
		`{"spec":{}}`:                       "",
		`{"spec":{"host":"a.example.com"}}`: "a.example.com",
		`{"spec":{"host":"a.example.com"},"status":{"ingress":[{"host":"b.example.com","conditions":[{"type":"Admitted","status":"False"}]}]}}`:      "a.example.com",
		`{"spec":{"host":"a.example.com"},"status":{"ingress":[{"host":"a.shard.example.com","conditions":[{"type":"Admitted","status":"True"}]}]}}`: "a.shard.example.com",
		`{"spec":{"host":"a.example.com"},"status":{"ingress":[{"conditions":[{"type":"Admitted","status":"True"}]}]}}`:                              "a.example.com",
	} {
		o := &cluster.Object{}
		require.NoError(t, json.Unmarshal([]byte(text), &o.Object))
		require.Equal(t, want, route.Host(o), text)
	}
	require.Empty(t, route.Host(nil))
}

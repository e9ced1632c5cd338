package workload_test

import (
	"encoding/json"
	"testing"

	"github.com/regctl/regctl/internal/workload"
	"github.com/stretchr/testify/require"
)

func TestSourceOfFlags(t *testing.T) {
	for name, c := range map[string]struct {
		f    workload.SourceFlags
		want string // JSON; "" is none
		err  string
	}{
		"nothing":             {},
		"empty":               {f: workload.SourceFlags{Type: "emptydir"}, want: `{"emptyDir":{}}`},
		"host path":           {f: workload.SourceFlags{Path: "/x"}, want: `{"hostPath":{"path":"/x"}}`},
		"host path bare":      {f: workload.SourceFlags{Type: "hostPath"}, err: "must provide --path for --type=hostPath"},
		"secret":              {f: workload.SourceFlags{Secret: "s"}, want: `{"secret":{"secretName":"s","defaultMode":420}}`},
		"Secret with a mode":  {f: workload.SourceFlags{Type: "Secret", Secret: "s", Mode: "0400"}, want: `{"secret":{"secretName":"s","defaultMode":256}}`},
		"secret bare":         {f: workload.SourceFlags{Type: "secret"}, err: "must provide --secret-name for --type=secret"},
		"config map":          {f: workload.SourceFlags{Type: "ConfigMap", ConfigMap: "c"}, want: `{"configMap":{"name":"c","defaultMode":420}}`},
		"config map bare":     {f: workload.SourceFlags{Type: "configmap"}, err: "must provide --configmap-name for --type=configmap"},
		"claim":               {f: workload.SourceFlags{Type: "PVC", Claim: "c", ClaimFlagsGiven: true}, want: `{"persistentVolumeClaim":{"claimName":"c"}}`},
		"claim bare":          {f: workload.SourceFlags{Type: "persistentVolumeClaim"}, err: "must provide --claim-name or --claim-size for --type=pvc"},
		"class alone":         {f: workload.SourceFlags{Claim: "c", ClassGiven: true, ClaimFlagsGiven: true}, err: "must provide --claim-size with --claim-class"},
		"claim flags, secret": {f: workload.SourceFlags{Type: "secret", Secret: "s", ClaimFlagsGiven: true}, err: "--claim-* cannot be used with a volume of type secret"},
		"two":                 {f: workload.SourceFlags{Secret: "s", ConfigMap: "c"}, err: "--configmap-name cannot be used with a volume of type secret"},
		"unknown":             {f: workload.SourceFlags{Type: "nfs"}, err: "--type nfs: invalid volume type. Supported types: emptyDir, hostPath, secret, configmap, persistentVolumeClaim (pvc)"},
		"mode of a claim":     {f: workload.SourceFlags{Claim: "c", ClaimFlagsGiven: true, Mode: "0400"}, err: "--default-mode is only available for secrets and configmaps"},
		"mode too big":        {f: workload.SourceFlags{Secret: "s", Mode: "1777"}, err: "--default-mode 1777: must be between 0000 and 0777"},
		"mode not octal":      {f: workload.SourceFlags{Secret: "s", Mode: "0698"}, err: "--default-mode 0698: must be between 0000 and 0777"},
		"both":                {f: workload.SourceFlags{Type: "secret", Secret: "s", JSON: "{}"}, err: "--source cannot be used with --type and its flags"},
		"JSON":                {f: workload.SourceFlags{JSON: `{"nfs":{"server":"a","path":"/b"}}`}, want: `{"nfs":{"server":"a","path":"/b"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.f.Source()
			if c.err != "" {
				require.EqualError(t, err, c.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want != "", c.f.Given())
			if c.want != "" {
				b, err := json.Marshal(got)
				require.NoError(t, err)
				require.JSONEq(t, c.want, string(b))
			}
		})
	}
}

func TestSourceIsReadStrictly(t *testing.T) {
	for in, want := range map[string]string{
		`{"nsf":{"server":"a","path":"/b"}}`:       `--source: unknown field "nsf"`,
		`{"NFS":{"server":"a","path":"/b"}}`:       `--source: unknown field "NFS"`,
		`{"nfs":{"server":"a","pth":"/b"}}`:        `--source: unknown field "nfs.pth"`,
		`{"nfs":{},"emptyDir":{}}`:                 `--source: must provide only one volume for --source, not emptyDir and nfs`,
		`{"name":"x","emptyDir":{}}`:               `--source: unknown field "name"`,
		`{}`:                                       `--source: no volume specified; write it as {"nfs":{"server":"HOST","path":"/DIR"}}`,
		`{"emptyDir":null}`:                        `--source: no volume specified; write it as {"nfs":{"server":"HOST","path":"/DIR"}}`,
		`null`:                                     `--source: no volume specified; write it as {"nfs":{"server":"HOST","path":"/DIR"}}`,
		`{"emptyDir":{},"emptyDir":{}}`:            `--source: duplicate field "emptyDir"`,
		`{"hostPath":{"path":"/a","path":"/b"}}`:   `--source: duplicate field "hostPath.path"`,
		`{"secret":{"secretName":"s","mode":420}}`: `--source: unknown field "secret.mode"`,
	} {
		_, err := workload.ParseSource(in)
		require.EqualError(t, err, want, in)
	}
	for _, in := range []string{``, `nfs`, `[]`, `"emptyDir"`, `{"emptyDir":{}} x`, `{"secret":{"defaultMode":"0644"}}`} {
		_, err := workload.ParseSource(in)
		require.ErrorContains(t, err, "--source: ", in)
	}
}

// TestDefaultsOfTheServerAreNoDifference adds what was added before, after a server has filled in its defaults.
func TestDefaultsOfTheServerAreNoDifference(t *testing.T) {
	for live, given := range map[string]string{
		`{"hostPath":{"path":"/x","type":""}}`:                                                                                    `{"hostPath":{"path":"/x"}}`,
		`{"secret":{"secretName":"s","defaultMode":420}}`:                                                                         `{"secret":{"secretName":"s"}}`,
		`{"configMap":{"name":"c","defaultMode":420}}`:                                                                            `{"configMap":{"name":"c"}}`,
		`{"projected":{"sources":[],"defaultMode":420}}`:                                                                          `{"projected":{"sources":[]}}`,
		`{"downwardAPI":{"defaultMode":420}}`:                                                                                     `{"downwardAPI":{}}`,
		`{"iscsi":{"targetPortal":"t","iqn":"i","lun":0,"iscsiInterface":"default"}}`:                                             `{"iscsi":{"targetPortal":"t","iqn":"i","lun":0}}`,
		`{"rbd":{"monitors":["m"],"image":"i","pool":"rbd","user":"admin","keyring":"/etc/ceph/keyring"}}`:                        `{"rbd":{"monitors":["m"],"image":"i"}}`,
		`{"azureDisk":{"diskName":"d","diskURI":"u","cachingMode":"ReadWrite","fsType":"ext4","readOnly":false,"kind":"Shared"}}`: `{"azureDisk":{"diskName":"d","diskURI":"u"}}`,
		`{"scaleIO":{"gateway":"g","system":"s","secretRef":null,"storageMode":"ThinProvisioned","fsType":"xfs"}}`:                `{"scaleIO":{"gateway":"g","system":"s","secretRef":null}}`,
	} {
		o := object(t, registry)
		_, err := workload.AddVolume(o, workload.Volume{Name: "v", Source: source(t, live)})
		require.NoError(t, err)
		before := pod(t, o)
		_, err = workload.AddVolume(o, workload.Volume{Name: "v", Source: source(t, given)})
		require.NoError(t, err, given)
		require.Equal(t, before, pod(t, o))
	}
	o := object(t, registry)
	_, err := workload.AddVolume(o, workload.Volume{Name: "v", Source: source(t, `{"hostPath":{"path":"/x","type":"Directory"}}`)})
	require.NoError(t, err)
	_, err = workload.AddVolume(o, workload.Volume{Name: "v", Source: source(t, `{"hostPath":{"path":"/x"}}`)})
	require.ErrorContains(t, err, "already exists")
}

func FuzzParseSource(f *testing.F) {
	for _, s := range []string{`{"nfs":{"server":"a","path":"/b"}}`, `{"emptyDir":{"sizeLimit":"1Gi"}}`, `{"nsf":{}}`, `{"csi":{"driver":"d","volumeAttributes":{"a":"b"}}}`, `{`, `null`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := workload.ParseSource(s)
		if err != nil {
			return
		}
		require.Len(t, got, 1)
		b, err := json.Marshal(got)
		require.NoError(t, err)
		again, err := workload.ParseSource(string(b))
		require.NoError(t, err, "what is printed can be read")
		require.Equal(t, got.String(), again.String())
	})
}

func TestClaim(t *testing.T) {
	fast := "fast"
	o, err := workload.Claim{Namespace: "ns", Name: "images", Size: "10Gi", Mode: "rwm", Class: &fast}.Object()
	require.NoError(t, err)
	b, err := o.MarshalJSON()
	require.NoError(t, err)
	require.JSONEq(t, `{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"images","namespace":"ns"},
		"spec":{"accessModes":["ReadWriteMany"],"resources":{"requests":{"storage":"10Gi"}},"storageClassName":"fast"}}`, string(b))
	require.Equal(t, "waiting for 10GiB allocation", workload.ClaimState(o))
	require.Equal(t, "does not exist", workload.ClaimState(nil))
	o.Object["status"] = map[string]any{"capacity": map[string]any{"storage": "12Gi"}}
	require.Equal(t, "allocated 12GiB", workload.ClaimState(o))
	require.True(t, workload.SameSize("1Gi", "1024Mi"))
	for _, size := range []string{"", "x", "0", "-1Gi", "10GB "} {
		_, err := workload.Claim{Size: size}.Object()
		require.ErrorContains(t, err, "--claim-size", size)
	}
	_, err = workload.Claim{Size: "1Gi", Mode: "rw"}.Object()
	require.ErrorContains(t, err, "--claim-mode rw")
}

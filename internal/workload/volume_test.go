package workload_test

import (
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/workload"
	"github.com/stretchr/testify/require"
)

// TestNamesAndOverwrite follows the originals' table of rules row by row; where ours differ, the case says so.
func TestNamesAndOverwrite(t *testing.T) {
	yes := true
	mount := func(path string) *workload.Mount { return &workload.Mount{Path: path} }
	for name, c := range map[string]struct {
		v    workload.Volume
		want map[string]string // of the volumes that differ from the registry's own
		note string            // "": there is none
		err  string
	}{
		"no name, no overwrite: a name is made up": {
			v:    workload.Volume{Source: claim(t, "new"), Mount: mount("/new"), Containers: "registry"},
			want: map[string]string{"volume-36910": "pvc/new registry:/new"}, note: "Generated volume name: volume-36910",
		},
		"no name, the same source is a volume: it is used": {
			v:    workload.Volume{Source: source(t, `{"secret":{"secretName":"registry-certs"}}`), Mount: mount("/c"), Containers: "registry"},
			want: map[string]string{"certs": "secret/registry-certs registry:/c"},
		},
		"name exists, no overwrite": {
			v:   workload.Volume{Name: "certs", Source: claim(t, "new")},
			err: "volume 'certs' already exists. Use --overwrite to replace",
		},
		"name exists and is the same: nothing to do (ours)": {
			v: workload.Volume{Name: "registry-storage", Source: source(t, `{"emptyDir":{}}`), Mount: mount("/registry/"), Containers: "registry"},
		},
		"overwrite, no name: found by mount path": {
			v:    workload.Volume{Source: claim(t, "new"), Mount: mount("/registry"), Overwrite: true, Storage: "registry-storage"},
			want: map[string]string{"registry-storage": "pvc/new registry:/registry sidecar:/registry"}, note: "the images in an empty directory are not copied to pvc/new",
		},
		"overwrite, no name, nothing at that path": {
			v:   workload.Volume{Source: claim(t, "new"), Mount: mount("/else"), Overwrite: true},
			err: "unable to find the volume for mount-path: /else",
		},
		"overwrite, neither name nor path": {
			v:   workload.Volume{Source: claim(t, "new"), Overwrite: true},
			err: "ambiguous --overwrite, specify --name or --mount-path",
		},
		"overwrite with a new name": {
			v:    workload.Volume{Name: "fresh", Source: claim(t, "new"), Mount: mount("/new"), Overwrite: true, Containers: "registry"},
			want: map[string]string{"fresh": "pvc/new registry:/new"}, note: `volume "fresh" did not exist and was added`,
		},
		"overwrite with no source: the mount alone moves": {
			v:    workload.Volume{Name: "registry-storage", Mount: &workload.Mount{Path: "/moved", ReadOnly: &yes}, Overwrite: true, Containers: "registry"},
			want: map[string]string{"registry-storage": "empty directory registry:/moved"},
		},
		"overwrite without a path: mounts stay": {
			v:    workload.Volume{Name: "registry-storage", Source: claim(t, "new"), Overwrite: true},
			want: map[string]string{"registry-storage": "pvc/new registry:/registry"},
		},
		"another volume is at that path": {
			v:   workload.Volume{Name: "certs", Source: source(t, `{"secret":{"secretName":"registry-certs"}}`), Mount: mount("/registry/."), Overwrite: true},
			err: "volume mount '/registry/.' already exists for container 'registry'",
		},
		"unknown name, no path, persistent: the registry's storage is meant (ours)": {
			v:    workload.Volume{Name: "v1", Source: claim(t, "new"), Overwrite: true, Storage: "registry-storage"},
			want: map[string]string{"registry-storage": "pvc/new registry:/registry"},
			note: `volume "v1" not found: used "registry-storage" instead, the registry's storage, mounted at /registry`,
		},
		"unknown name, no path, a secret: it is added": {
			v:    workload.Volume{Name: "v1", Source: source(t, `{"secret":{"secretName":"s"}}`), Overwrite: true, Storage: "registry-storage"},
			want: map[string]string{"v1": "secret/s"}, note: `volume "v1" did not exist and was added`,
		},
		"unknown name without overwrite: it is added": {
			v:    workload.Volume{Name: "v1", Source: claim(t, "new"), Storage: "registry-storage"},
			want: map[string]string{"v1": "pvc/new"}, note: `volume "v1" is not mounted; add --mount-path to mount it`,
		},
		"no such container": {
			v: workload.Volume{Name: "v1", Containers: "x*"}, err: `no container matches "x*"; containers: prepare, registry, sidecar`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := object(t, registry)
			before, want := pod(t, o), volumes(t, o)
			out, err := workload.AddVolume(o, c.v)
			if c.err != "" {
				require.EqualError(t, err, c.err)
				return
			}
			require.NoError(t, err)
			for name, v := range c.want {
				want[name] = v
			}
			require.Equal(t, want, volumes(t, o))
			if len(c.want) == 0 {
				require.Equal(t, before, pod(t, o))
			}
			if c.note == "" {
				c.note = "the images in an empty directory"
			}
			if len(out.Notes) > 0 {
				require.Contains(t, out.Notes[0], c.note)
			}
			requireSettled(t, o, c.v)
		})
	}
}

// requireSettled runs the same once more, which must change nothing.
func requireSettled(t *testing.T, o *cluster.Object, v workload.Volume) {
	t.Helper()
	before := pod(t, o)
	_, err := workload.AddVolume(o, v)
	require.NoError(t, err)
	require.Equal(t, before, pod(t, o), "a second run")
	require.Contains(t, before, "unknownToUs")
}

func TestMountKeepsWhatIsNotSpokenAbout(t *testing.T) {
	o := object(t, registry)
	sub := "images"
	_, err := workload.AddVolume(o, workload.Volume{Name: "registry-storage", Mount: &workload.Mount{Path: "/moved", SubPath: &sub}, Overwrite: true, Containers: "registry"})
	require.NoError(t, err)
	require.Contains(t, pod(t, o), "- mountPath: /moved\n    mountPropagation: None\n    name: registry-storage\n    subPath: images\n")
}

func TestSeveralMountsOfOneVolume(t *testing.T) {
	o := object(t, registry)
	at := func(path string) error {
		_, err := workload.AddVolume(o, workload.Volume{Source: source(t, `{"secret":{"secretName":"registry-certs"}}`), Mount: &workload.Mount{Path: path}, Containers: "sidecar"})
		return err
	}
	require.NoError(t, at("/a"))
	require.NoError(t, at("/b"))
	require.Equal(t, "secret/registry-certs sidecar:/a sidecar:/b", volumes(t, o)["certs"])
	_, err := workload.AddVolume(o, workload.Volume{Name: "certs", Mount: &workload.Mount{Path: "/c"}, Containers: "sidecar", Overwrite: true})
	require.EqualError(t, err, "volume 'certs' is mounted several times in container 'sidecar' (/a, /b), so the mount to change is ambiguous")
}

func TestPersistentToEphemeralIsALoss(t *testing.T) {
	for to, loss := range map[string]bool{
		`{"emptyDir":{}}`: true, `{"secret":{"secretName":"s"}}`: true,
		`{"persistentVolumeClaim":{"claimName":"other"}}`: false, `{"nfs":{"server":"nas","path":"/i"}}`: false,
	} {
		o := object(t, registry)
		v := workload.Volume{Name: "registry-storage", Source: claim(t, "images"), Overwrite: true}
		out, err := workload.AddVolume(o, v)
		require.NoError(t, err)
		require.Empty(t, out.Loss, "ephemeral to persistent loses nothing that lasts")
		v.Source = source(t, to)
		out, err = workload.AddVolume(o, v)
		require.NoError(t, err)
		require.Equal(t, loss, out.Loss != "", to)
	}
}

func TestRemoveVolume(t *testing.T) {
	for name, c := range map[string]struct {
		r          workload.Removal
		gone       []string
		note, warn string
	}{
		"by name":        {r: workload.Removal{Name: "certs"}, gone: []string{"certs"}},
		"all":            {r: workload.Removal{}, gone: []string{"certs", "registry-storage"}},
		"unknown":        {r: workload.Removal{Name: "x"}, warn: "volume 'x' not found; volumes: registry-storage, certs"},
		"used elsewhere": {r: workload.Removal{Name: "registry-storage", Containers: "sidecar"}, note: `volume "registry-storage" is kept, since container registry uses it`},
		"storage that lasts no longer than its pod": {r: workload.Removal{Name: "registry-storage", Storage: "registry-storage"}, gone: []string{"registry-storage"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := object(t, registry)
			want := volumes(t, o)
			for _, gone := range c.gone {
				delete(want, gone)
			}
			out, err := workload.RemoveVolume(o, c.r)
			require.NoError(t, err)
			require.Equal(t, want, volumes(t, o))
			require.Empty(t, out.Loss)
			if c.note != "" {
				require.Equal(t, []string{c.note}, out.Notes)
			}
			if c.warn != "" {
				require.Equal(t, []string{c.warn}, out.Warnings)
			}
			_, err = workload.RemoveVolume(o, c.r)
			require.NoError(t, err)
			require.Equal(t, want, volumes(t, o), "a second run")
		})
	}
}

func TestRemovingPersistentStorageOfARegistryIsALoss(t *testing.T) {
	o := object(t, registry)
	_, err := workload.AddVolume(o, workload.Volume{Name: "registry-storage", Source: claim(t, "images"), Overwrite: true})
	require.NoError(t, err)
	out, err := workload.RemoveVolume(o, workload.Removal{Name: "registry-storage", Storage: "registry-storage"})
	require.NoError(t, err)
	require.Contains(t, out.Loss, "pvc/images")
}

func TestEveryKindOfWorkload(t *testing.T) {
	spec := "{containers: [{name: c, image: i}]}"
	for kind, body := range map[string]string{
		"Pod": spec, "CronJob": "{jobTemplate: {spec: {template: {spec: " + spec + "}}}}",
		"Deployment": "", "DaemonSet": "", "StatefulSet": "", "ReplicaSet": "", "ReplicationController": "", "Job": "", "DeploymentConfig": "", "Rollout": "",
	} {
		if body == "" {
			body = "{template: {spec: " + spec + "}}"
		}
		o := object(t, "kind: "+kind+"\napiVersion: v1\nmetadata: {name: x}\nspec: "+body)
		_, err := workload.AddVolume(o, workload.Volume{Name: "v", Mount: &workload.Mount{Path: "/v"}})
		require.NoError(t, err, kind)
		require.Equal(t, map[string]string{"v": "empty directory c:/v"}, volumes(t, o), kind)
		_, err = workload.PodSpec(workload.Skeleton(o.GroupVersionKind(), "ns", "x", "c"))
		require.NoError(t, err, kind)
	}
	_, err := workload.PodSpec(object(t, "{kind: Service, apiVersion: v1, metadata: {name: x}, spec: {ports: []}}"))
	require.EqualError(t, err, "is not a pod and has no pod template")
}

func TestClaimTemplates(t *testing.T) {
	o := object(t, "{kind: StatefulSet, apiVersion: apps/v1, metadata: {name: x}, spec: {volumeClaimTemplates: [{metadata: {name: data}}], template: {spec: {containers: [{name: c, volumeDevices: [{name: data, devicePath: /dev/x}]}]}}}}")
	require.Equal(t, map[string]string{"data": "one claim per pod c:/dev/x"}, volumes(t, o))
	_, err := workload.RemoveVolume(o, workload.Removal{Name: "data"})
	require.ErrorContains(t, err, "claim template")
}

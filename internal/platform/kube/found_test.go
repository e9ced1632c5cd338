package kube

import (
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/stretchr/testify/require"
)

// live is a Deployment as a server sends it: its note, the volume that holds the images, and who owns that.
func live(note string, volume, managed object) *found {
	annotations := object{}
	if note != "" {
		annotations[SpecNote] = note
	}
	return &found{workload: &cluster.Object{Object: object{
		"kind": "Deployment",
		"metadata": object{"name": "x", "annotations": annotations, "managedFields": list{object{
			"manager": "kubectl", "fieldsV1": object{"f:spec": object{"f:template": object{"f:spec": object{"f:volumes": managed}}}},
		}}},
		"spec": object{"replicas": int64(5), "template": object{"spec": object{
			"containers": list{
				object{"name": "side", "image": "side:v1"},
				object{"name": "registry", "image": "seen:v1", "volumeMounts": list{object{"name": volume["name"], "mountPath": "/registry"}}},
			},
			"volumes": list{object{"name": "tmp", "emptyDir": object{}}, volume},
		}}},
	}}}
}

func TestWhatOthersHaveChangedWins(t *testing.T) {
	const note = `{"workload":{"image":"noted:v1","replicas":3},"storage":{"pvc":{"claim":"images","size":"1Gi"}}}`
	s, err := live(note, object{"name": "registry-storage", "persistentVolumeClaim": object{"claimName": "images"}}, nil).spec()
	require.NoError(t, err)
	require.Equal(t, "noted:v1", s.Workload.Image)
	require.Nil(t, s.Workload.Replicas, "5 are running, so somebody else scales")
	require.Equal(t, &platform.Storage{PVC: &platform.PVC{Claim: "images", Size: "1Gi"}}, s.Storage)

	s, err = live(note, object{"name": "theirs", "hostPath": object{"path": "/srv"}}, nil).spec()
	require.NoError(t, err)
	require.Equal(t, &platform.Storage{HostPath: &platform.HostPath{Path: "/srv"}}, s.Storage, "found by where it is mounted")

	f := live(note, object{"name": "theirs", "csi": object{"driver": "d"}}, nil)
	s, err = f.spec()
	require.NoError(t, err)
	require.Nil(t, s.Storage)
	require.True(t, f.foreignStorage())
}

func TestARegistryOfOthersIsTakenAsItIs(t *testing.T) {
	s, err := live("", object{"name": "v", "nfs": object{"server": "h", "path": "/x"}}, nil).spec()
	require.NoError(t, err)
	require.Equal(t, "seen:v1", s.Workload.Image)
	require.Equal(t, &platform.Storage{NFS: &platform.NFS{Server: "h", Path: "/x"}}, s.Storage)

	_, err = live("{", object{"name": "v"}, nil).spec()
	require.ErrorContains(t, err, "annotation regctl.io/spec")
}

func TestOthersOwn(t *testing.T) {
	volume := object{"name": "v", "emptyDir": object{}}
	require.True(t, live("", volume, object{`k:{"name":"v"}`: object{"f:emptyDir": object{}}}).othersOwn(volume))
	require.False(t, live("", volume, object{`k:{"name":"w"}`: object{}}).othersOwn(volume))
	require.False(t, live("", volume, nil).othersOwn(volume))
}

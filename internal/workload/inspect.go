package workload

import "github.com/regctl/regctl/internal/cluster"

// VolumeInfo is a volume of a workload as lists show it.
type VolumeInfo struct {
	Name   string      `json:"name"`
	Source string      `json:"source"`          // as it is shown: pvc/images, empty directory
	Claim  string      `json:"claim,omitempty"` // name of the claim that it is
	Mounts []MountInfo `json:"mounts"`
}

// MountInfo is where a volume is in a container.
type MountInfo struct {
	Container string `json:"container"`
	Path      string `json:"path"`
	SubPath   string `json:"subPath,omitempty"`
	ReadOnly  bool   `json:"readOnly,omitempty"`
}

// Volumes lists the volumes of a workload with their mounts in the containers that match a pattern.
func Volumes(o *cluster.Object, pattern string) ([]VolumeInfo, error) {
	spec, err := PodSpec(o)
	if err != nil {
		return nil, err
	}
	containers, err := Select(spec, pattern, true)
	if err != nil {
		return nil, err
	}
	found := []VolumeInfo{}
	for _, v := range list(spec, "volumes") {
		source := sourceOf(v)
		info := VolumeInfo{Name: name(v), Source: source.String(), Mounts: mountInfos(containers, name(v))}
		if source.kind() == "persistentVolumeClaim" {
			info.Claim = stringField(source.fields(), "claimName")
		}
		found = append(found, info)
	}
	for _, t := range claimTemplates(o) {
		found = append(found, VolumeInfo{Name: name(t), Source: "one claim per pod", Mounts: mountInfos(containers, name(t))})
	}
	return found, nil
}

func mountInfos(containers []map[string]any, volume string) []MountInfo {
	found := []MountInfo{}
	for _, c := range containers {
		for _, f := range mountFields() {
			for _, m := range list(c, f.list) {
				if name(m) == volume {
					readOnly, _ := m["readOnly"].(bool)
					found = append(found, MountInfo{name(c), stringField(m, f.path), stringField(m, "subPath"), readOnly})
				}
			}
		}
	}
	return found
}

package workload

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// SourceFlags are the flags that describe a source; "" is not given.
type SourceFlags struct {
	Type                        string // emptyDir, hostPath, secret, configmap, pvc; inferred where ""
	Path                        string // of a hostPath
	Secret, ConfigMap           string
	Claim                       string
	NewClaim                    bool   // the claim is made by the same command
	Mode                        string // octal, of the files of a secret or configmap; "" is 0644
	JSON                        string // of any source, instead of all others
	ClassGiven, ClaimFlagsGiven bool   // --claim-class; any of --claim-*
}

// Given tells whether the flags speak about a source at all.
func (f SourceFlags) Given() bool { return f.JSON != "" || f.kind() != "" }

// kind is the given type, by its field's name, else the one that the flags imply.
func (f SourceFlags) kind() string {
	switch strings.ToLower(f.Type) {
	case "":
	case "emptydir":
		return "emptyDir"
	case "hostpath":
		return "hostPath"
	case "secret":
		return "secret"
	case "configmap":
		return "configMap"
	case "pvc", "persistentvolumeclaim":
		return "persistentVolumeClaim"
	default:
		return "?"
	}
	switch {
	case f.ClaimFlagsGiven:
		return "persistentVolumeClaim"
	case f.Secret != "":
		return "secret"
	case f.ConfigMap != "":
		return "configMap"
	case f.Path != "":
		return "hostPath"
	}
	return ""
}

// Source is the source that the flags describe; nil where they describe none.
func (f SourceFlags) Source() (Source, error) {
	if f.JSON != "" {
		if f.kind() != "" {
			return nil, errors.New("--source cannot be used with --type and its flags")
		}
		return ParseSource(f.JSON)
	}
	kind := f.kind()
	if err := f.check(kind); err != nil {
		return nil, err
	}
	switch kind {
	case "emptyDir":
		return Source{kind: map[string]any{}}, nil
	case "hostPath":
		return Source{kind: map[string]any{"path": f.Path}}, nil
	case "persistentVolumeClaim":
		return Source{kind: map[string]any{"claimName": f.Claim}}, nil
	case "secret", "configMap":
		return f.files(kind)
	}
	return nil, nil
}

func (f SourceFlags) check(kind string) error {
	object, flag := "given", "" // what the source must name, and by which flag
	switch kind {
	case "?":
		return hint.Errorf("for others, such as NFS: --source '{\"nfs\":{\"server\":\"HOST\",\"path\":\"/DIR\"}}'", "--type %s: invalid volume type. Supported types: emptyDir, hostPath, secret, configmap, persistentVolumeClaim (pvc)", f.Type)
	case "hostPath":
		object, flag = f.Path, "--path for --type=hostPath"
	case "secret":
		object, flag = f.Secret, "--secret-name for --type=secret"
	case "configMap":
		object, flag = f.ConfigMap, "--configmap-name for --type=configmap"
	case "persistentVolumeClaim":
		object, flag = f.Claim, "--claim-name or --claim-size for --type=pvc"
	}
	switch {
	case f.ClassGiven && !f.NewClaim:
		return errors.New("must provide --claim-size with --claim-class")
	case object == "" && !f.NewClaim:
		return errors.New("must provide " + flag)
	case f.Mode != "" && kind != "secret" && kind != "configMap":
		return errors.New("--default-mode is only available for secrets and configmaps")
	}
	return f.others(kind)
}

// others refuses flags of another type than the one that is meant: one of the two is a mistake.
func (f SourceFlags) others(kind string) error {
	given := map[string]bool{"secret": f.Secret != "", "configMap": f.ConfigMap != "", "hostPath": f.Path != "", "persistentVolumeClaim": f.ClaimFlagsGiven}
	flags := map[string]string{"secret": "--secret-name", "configMap": "--configmap-name", "hostPath": "--path", "persistentVolumeClaim": "--claim-*"}
	for _, other := range slices.Sorted(maps.Keys(given)) {
		if given[other] && other != kind {
			return fmt.Errorf("%s cannot be used with a volume of type %s", flags[other], kind)
		}
	}
	return nil
}

func (f SourceFlags) files(kind string) (Source, error) {
	mode := int64(0o644)
	if f.Mode != "" {
		m, err := strconv.ParseInt(f.Mode, 8, 32)
		if err != nil || m < 0 || m > 0o777 {
			return nil, fmt.Errorf("--default-mode %s: must be between 0000 and 0777", f.Mode)
		}
		mode = m
	}
	if kind == "secret" {
		return Source{kind: map[string]any{"secretName": f.Secret, "defaultMode": mode}}, nil
	}
	return Source{kind: map[string]any{"name": f.ConfigMap, "defaultMode": mode}}, nil
}

package secrets

import (
	"fmt"
	"slices"

	"github.com/regctl/regctl/pkg/hint"
)

// The lists of a service account: what its pods may mount, and what they pull images with.
const (
	MountList = "secrets"
	PullList  = "imagePullSecrets"
)

// Lists turns what a secret is linked for (mount, pull) into the lists of a service account.
func Lists(purposes []string) (lists []string, err error) {
	for _, p := range purposes {
		list := ""
		switch p {
		case "mount":
			list = MountList
		case "pull":
			list = PullList
		default:
			return nil, hint.BadUsage(fmt.Errorf("--for: unknown value %s", p), "--for=mount, --for=pull or --for=mount,pull")
		}
		if !slices.Contains(lists, list) {
			lists = append(lists, list)
		}
	}
	if len(lists) == 0 {
		return nil, hint.BadUsage(fmt.Errorf("--for: must not be empty"), "--for=mount, --for=pull or --for=mount,pull")
	}
	return lists, nil
}

// Link adds names to lists of a service account and says, for each, what came of it.
func Link(account map[string]any, names, lists []string) (said []string, err error) {
	for _, list := range lists {
		entries, ok := account[list].([]any)
		if !ok && account[list] != nil {
			return nil, fmt.Errorf("%s: not a list", list)
		}
		for _, name := range names {
			if slices.ContainsFunc(entries, hasName(name)) {
				said = append(said, fmt.Sprintf("secret/%s is already linked for %s", name, purpose(list)))
				continue
			}
			entries = append(entries, map[string]any{"name": name})
			said = append(said, fmt.Sprintf("secret/%s linked for %s", name, purpose(list)))
		}
		account[list] = entries
	}
	return said, nil
}

// Unlink takes names out of both lists of a service account, and tells which were in none.
func Unlink(account map[string]any, names []string) (strange []string) {
	for _, name := range names {
		found := false
		for _, list := range []string{MountList, PullList} {
			entries, _ := account[list].([]any)
			left := slices.DeleteFunc(slices.Clone(entries), hasName(name))
			if len(left) == len(entries) {
				continue
			}
			found = true
			if account[list] = left; len(left) == 0 {
				delete(account, list)
			}
		}
		if !found {
			strange = append(strange, name)
		}
	}
	return strange
}

func purpose(list string) string {
	if list == PullList {
		return "pull"
	}
	return "mount"
}

func hasName(name string) func(any) bool {
	return func(entry any) bool {
		m, _ := entry.(map[string]any)
		return m["name"] == name
	}
}

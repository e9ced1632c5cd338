package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// snapshot is what there is in a namespace, and of cluster roles and volumes what
// has to do with it: each value by its path, "services/web.spec.ports.0.port".
type snapshot map[string]string

// kinds are what commands of regctl make or change.
func kinds() []string {
	return []string{
		"/api/v1/namespaces/NS/configmaps", "/api/v1/namespaces/NS/secrets", "/api/v1/namespaces/NS/services",
		"/api/v1/namespaces/NS/serviceaccounts", "/api/v1/namespaces/NS/persistentvolumeclaims",
		"/apis/apps/v1/namespaces/NS/deployments", "/apis/apps/v1/namespaces/NS/daemonsets", "/apis/apps/v1/namespaces/NS/statefulsets",
		"/apis/batch/v1/namespaces/NS/jobs", "/apis/batch/v1/namespaces/NS/cronjobs",
		"/apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles", "/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings",
		"/apis/policy/v1/namespaces/NS/poddisruptionbudgets",
		"/apis/networking.k8s.io/v1/namespaces/NS/ingresses", "/apis/networking.k8s.io/v1/namespaces/NS/networkpolicies",
		"/api/v1/persistentvolumes", "/apis/rbac.authorization.k8s.io/v1/clusterroles", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
	}
}

func snap(ns string) (snapshot, error) {
	s := snapshot{}
	for _, path := range kinds() {
		body, err := ask(http.MethodGet, strings.Replace(path, "/NS/", "/"+ns+"/", 1), nil)
		if err != nil {
			return nil, err
		}
		var list struct{ Items []json.RawMessage }
		if err := json.Unmarshal(body, &list); err != nil {
			return nil, err
		}
		for _, item := range list.Items {
			if strings.Contains(path, "/NS/") || strings.Contains(string(item), ns) {
				if err := s.add(path[strings.LastIndex(path, "/")+1:], strings.ReplaceAll(string(item), ns, "NS")); err != nil {
					return nil, err
				}
			}
		}
	}
	return s, nil
}

func (s snapshot) add(kind, item string) error {
	var o map[string]any
	if err := json.Unmarshal([]byte(item), &o); err != nil {
		return err
	}
	meta := o["metadata"].(map[string]any)
	if meta["name"] == "kube-root-ca.crt" { // the controllers put it into each namespace some time
		return nil
	}
	if meta["deletionTimestamp"] != nil { // it goes as soon as a controller has seen to it
		return nil
	}
	// what controllers and the clock change on their own account
	delete(o, "status")
	delete(meta, "creationTimestamp")
	if notes, ok := meta["annotations"].(map[string]any); ok {
		delete(notes, "deployment.kubernetes.io/revision")
	}
	fields := map[string]any{}
	entries, _ := meta["managedFields"].([]any)
	for _, entry := range entries {
		e := entry.(map[string]any)
		if e["manager"] != "kube-controller-manager" {
			fields[fmt.Sprint(e["manager"], " ", e["operation"])] = e["fieldsV1"]
		}
	}
	meta["managedFields"] = fields
	s.flatten(fmt.Sprintf("%s/%s", kind, meta["name"]), o)
	return nil
}

func (s snapshot) flatten(path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, child := range v {
			s.flatten(path+"."+key, child)
		}
		if len(v) == 0 {
			s[path] = "{}"
		}
	case []any:
		for i, child := range v {
			s.flatten(fmt.Sprintf("%s.%d", path, i), child)
		}
	default:
		s[path] = fmt.Sprint(v)
	}
}

// settled is a snapshot of a namespace in which the controllers have nothing more to do.
func settled(ns string) (last snapshot, err error) {
	for range 50 {
		before := last
		if last, err = snap(ns); err != nil || maps.Equal(before, last) {
			return last, err
		}
		time.Sleep(200 * time.Millisecond)
	}
	return nil, fmt.Errorf("namespace %s does not come to rest: %v", ns, last)
}

// differences are the values that are not the same in both, but for the paths that may differ.
func differences(want, got snapshot, may map[string]bool) (all []string) {
	paths := map[string]bool{}
	for _, s := range []snapshot{want, got} {
		for path := range s {
			paths[path] = true
		}
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		w, inWant := want[path]
		g, inGot := got[path]
		if inWant != inGot || w != g && !may[path] {
			all = append(all, fmt.Sprintf("%s: want %q, got %q", path, w, g))
		}
	}
	return all
}

// random are the paths whose values differ between two namespaces in which the same was done.
func random(one, other snapshot) map[string]bool {
	all := map[string]bool{}
	for path, value := range one {
		if there, ok := other[path]; ok && there != value {
			all[path] = true
		}
	}
	return all
}

package registry

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/platforms"
	"github.com/regctl/regctl/internal/survey"
)

// operatorStatus is the status of the registry that OpenShift 4's operator runs.
type operatorStatus struct {
	*survey.Status

	Operator platform.Status `json:"operator"`
}

// lookAtPlatforms is the look of "registry status" at what only the platform knows, and at the objects of
// the operator's registry, where the platform is a cluster.
func lookAtPlatforms(ctx context.Context, e *cmdutil.Env, client *cluster.Client, p platform.Statuser, s platform.Spec) (*statusReport, error) {
	told, err := p.Status(ctx, s)
	if err != nil {
		return nil, err
	}
	if client == nil {
		return &statusReport{value: told, table: func(time.Time) [][]string { return told.Table() }}, nil
	}
	in, name := platforms.OfOperator(client)
	found, err := survey.Look(ctx, in, name, e.Now())
	there := err == nil
	if !there { // Removed, or not for this user to see
		found = &survey.Status{Name: name, Namespace: in.Namespace, Pods: []survey.Pod{}, Services: []survey.Service{}, Exposure: []survey.Exposure{}, Objects: []string{}}
	}
	found.Ready = told.IsReady()
	found.Warnings = fewerDoubts(found.Warnings)
	for _, issue := range told.Issues() {
		found.Warnings = append(found.Warnings, survey.Warning{Text: issue.Text, Advice: issue.Advice})
	}
	return &statusReport{
		value: &operatorStatus{found, told}, warnings: found.Warnings,
		table: func(now time.Time) [][]string {
			if !there {
				return append([][]string{{"Registry:", found.Name + " in namespace " + found.Namespace + ", " + readiness(found)}}, told.Table()...)
			}
			return append(statusTable(found, now), told.Table()...)
		},
	}, nil
}

// fewerDoubts leaves out advice that would change what the operator owns.
func fewerDoubts(all []survey.Warning) []survey.Warning {
	kept := []survey.Warning{}
	for _, w := range all {
		if !slices.ContainsFunc([]string{"regctl volume", "--tls-certificate", "--no-tls", "--auth", "kubectl scale"}, func(word string) bool { return strings.Contains(w.Advice, word) }) {
			kept = append(kept, w)
		}
	}
	return kept
}

package registry

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/openshift4"
	"github.com/regctl/regctl/internal/survey"
	"github.com/regctl/regctl/pkg/hint"
)

// operatorStatus is the status of the registry that OpenShift 4's operator runs.
type operatorStatus struct {
	*survey.Status

	Operator *openshift4.Status `json:"operator"`
}

// clusterRegistry tells whether a name means the registry of the cluster's operator: by the
// platform where it is named, else where the namespace has no registry of that name.
func clusterRegistry(ctx context.Context, client *cluster.Client, named, name string) (bool, error) {
	if named != "" || client.Offline() || !openshift4.Is(name) {
		return named == platform.OpenShift4, nil
	}
	four, err := client.Has(openshift4.ConfigKind())
	if err != nil || !four {
		return false, err
	}
	if client.Namespace == openshift4.Namespace {
		return true, nil
	}
	there, err := survey.Has(ctx, client, name)
	if hint.CodeOf(err) == hint.Denied { // what may not be looked for there is not what is meant
		return true, nil
	}
	return err == nil && !there, err
}

// meant is the registry that a command is about, and a client of its namespace: where the
// cluster's operator runs it, and the namespace has none of that name, it is the operator's.
func meant(ctx context.Context, client *cluster.Client, args []string) (*cluster.Client, string, error) {
	name := registryName(args)
	theirs, err := clusterRegistry(ctx, client, "", name)
	if err != nil || !theirs {
		return client, name, err
	}
	in := *client
	in.Namespace = openshift4.Namespace
	return &in, openshift4.Name, nil
}

// lookAtOperators is the look of "registry status" at the operator's registry.
func lookAtOperators(ctx context.Context, e *cmdutil.Env, client *cluster.Client) (*statusReport, error) {
	four := &openshift4.Platform{Client: client}
	operator, err := four.Status(ctx)
	if err != nil {
		return nil, err
	}
	in := *client
	in.Namespace = openshift4.Namespace
	found, err := survey.Look(ctx, &in, openshift4.Name, e.Now())
	there := err == nil
	if !there { // Removed, or not for this user to see
		found = &survey.Status{Name: openshift4.Name, Namespace: openshift4.Namespace, Pods: []survey.Pod{}, Services: []survey.Service{}, Exposure: []survey.Exposure{}, Objects: []string{}}
	}
	found.Ready = operator.Ready()
	found.Warnings = fewerDoubts(found.Warnings)
	for _, p := range operator.Problems {
		found.Warnings = append(found.Warnings, survey.Warning{Text: p.Text, Advice: p.Advice})
	}
	return &statusReport{
		value: &operatorStatus{found, operator}, warnings: found.Warnings,
		table: func(now time.Time) [][]string {
			if !there {
				return append([][]string{{"Registry:", found.Name + " in namespace " + found.Namespace + ", " + readiness(found)}}, operator.Table()...)
			}
			return append(statusTable(found, now), operator.Table()...)
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

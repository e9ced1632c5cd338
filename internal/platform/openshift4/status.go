package openshift4

import (
	"context"
	"fmt"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/wait"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/route"
	"github.com/regctl/regctl/pkg/hint"
)

// Status is what the operator says of the registry.
type Status struct {
	State      string           `json:"managementState"`
	Conditions []Condition      `json:"conditions"`
	Storage    string           `json:"storage"` // what is configured: "pvc image-registry-storage"; "none"
	Replicas   int32            `json:"replicas"`
	ReadOnly   bool             `json:"readOnly,omitempty"`
	Routes     []Route          `json:"routes"`
	Internal   string           `json:"internalHost,omitempty"`  // by which pods and nodes call it
	External   []string         `json:"externalHosts,omitempty"` // as image streams name it
	Pruner     *Pruner          `json:"pruner"`                  // null: there is none
	Problems   []platform.Issue `json:"-"`
}

// Route is one of the operator's.
type Route struct {
	Name     string `json:"name"`
	Host     string `json:"host,omitempty"`
	Admitted bool   `json:"admitted"`
	State    string `json:"state"`
}

// Pruner deletes unused images.
type Pruner struct {
	Schedule        string `json:"schedule"` // "": once a day
	Suspended       bool   `json:"suspended"`
	KeepRevisions   int    `json:"keepTagRevisions"`
	KeepYoungerThan string `json:"keepYoungerThan"`
	Failed          string `json:"failed,omitempty"` // why its last run has failed
}

// Status reads what the operator says. What the user may not read is left out, and a problem says so.
func (p *Platform) Status(ctx context.Context, _ platform.Spec) (platform.Status, error) {
	c, err := p.config(ctx)
	if err != nil {
		return nil, err
	}
	s := &Status{
		State: c.Spec.ManagementState, Conditions: c.Status.Conditions, Storage: c.storageText(), ReadOnly: c.Spec.ReadOnly, Routes: []Route{},
	}
	if c.Spec.Replicas != nil {
		s.Replicas = *c.Spec.Replicas
	}
	s.readRoutes(ctx, p, c)
	if image, err := readImageConfig(ctx, p.Client); err != nil {
		s.gap("the names of the registry", err)
	} else {
		s.Internal, s.External = image.Status.InternalRegistryHostname, image.Status.ExternalRegistryHostnames
	}
	s.readPruner(ctx, p)
	s.addWarnings(p, c)
	return s, nil
}

func (s *Status) problem(advice, format string, args ...any) {
	s.Problems = append(s.Problems, platform.Issue{Text: fmt.Sprintf(format, args...), Advice: advice})
}

func (s *Status) gap(what string, err error) {
	s.problem(hint.Of(err), "%s: not known: %v", what, err)
}

// storageText names what is configured.
func (c *config) storageText() string {
	kinds := c.kinds()
	s := c.storage()
	switch {
	case len(kinds) == 0:
		return "none"
	case s == nil:
		return strings.Join(kinds, ", ")
	case s.S3 != nil:
		return strings.TrimSpace(s.Kind() + " " + s.S3.Bucket + " " + s.S3.Endpoint)
	}
	return strings.TrimSpace(s.Kind() + " " + s.Of().Address())
}

// readRoutes looks at the routes that the operator is to make.
func (s *Status) readRoutes(ctx context.Context, p *Platform, c *config) {
	names := []string{}
	if c.Spec.DefaultRoute {
		names = append(names, defaultRoute)
	}
	for _, r := range c.Spec.Routes {
		names = append(names, r.Name)
	}
	if s.State != platform.Managed {
		return
	}
	for _, name := range names {
		o, err := p.Client.Get(ctx, cluster.Ref{GVK: route.Kind(), Namespace: Namespace, Name: name})
		if err != nil {
			s.gap("route/"+name, err)
			continue
		}
		r := Route{Name: name, State: "the operator has not created it yet"}
		if o != nil {
			state, err := wait.RolloutOf(o)
			if err != nil {
				s.gap("route/"+name, err)
				continue
			}
			r.Host, r.Admitted, r.State = route.Host(o), state.Done, state.State
		}
		if !r.Admitted {
			s.problem(fmt.Sprintf("kubectl describe route %s -n %s", name, Namespace), "route/%s is not admitted: %s", name, r.State)
		}
		s.Routes = append(s.Routes, r)
	}
}

func (s *Status) readPruner(ctx context.Context, p *Platform) {
	o, err := p.Client.Get(ctx, prunerRef())
	if err != nil || o == nil {
		if err != nil {
			s.gap("image pruning", err)
		}
		return
	}
	c, err := cluster.Decode[pruner](o)
	if err != nil {
		s.gap("image pruning", err)
		return
	}
	s.Pruner = &Pruner{Schedule: c.Spec.Schedule, Suspended: c.Spec.Suspend, KeepRevisions: 3, KeepYoungerThan: c.Spec.KeepYoungerThanDuration}
	if n := c.Spec.KeepTagRevisions; n != nil {
		s.Pruner.KeepRevisions = *n
	}
	for _, condition := range c.Status.Conditions {
		if condition.Type == "Failed" && condition.Status == "True" {
			s.Pruner.Failed = condition.Message
			s.problem("kubectl logs -n "+Namespace+" -l job-name --tail 20; kubectl get jobs -n "+Namespace, "image pruning failed: %s", condition.Message)
		}
	}
}

// addWarnings reports problems of the configuration, and those that the operator reports.
func (s *Status) addWarnings(p *Platform, c *config) {
	if s.State == platform.Removed {
		advice := "regctl registry deploy"
		if len(c.kinds()) != 1 {
			advice += " --storage pvc --claim-size 100Gi"
		}
		s.problem(advice, "the registry is Removed: builds and image streams of the cluster have no registry")
		return
	}
	if s.State == platform.Unmanaged {
		s.problem("regctl registry deploy", "the registry is Unmanaged: the operator does not repair it")
	}
	if state, err := wait.RolloutOf(p.live); err == nil && state.Failed != "" {
		s.problem(wait.OperatorAdvice(state.State), "%s: %s", state.Failed, state.State)
	}
	switch {
	case len(c.kinds()) > 1:
		s.problem("keep only the one that contains the images: regctl registry deploy --storage KIND", "several kinds of storage are configured: %s", s.Storage)
	case c.storage().Kind() == platform.KindEmptyDir:
		s.problem("regctl registry deploy --storage pvc --claim-size 100Gi", "the images are lost with the pod: the storage is emptydir")
	}
	if s.Pruner != nil && s.Pruner.Suspended {
		s.problem("regctl registry gc --suspend=false", "unused images are not deleted: pruning is suspended")
	}
}

// IsReady tells whether the operator is content, and the registry runs.
func (s *Status) IsReady() bool {
	for _, c := range s.Conditions {
		if c.Type == "Available" && c.Status != "True" || c.Type == "Degraded" && c.Status == "True" {
			return false
		}
	}
	return s.State != platform.Removed && len(s.Conditions) > 0
}

// Table is the status for people: a heading and a text a row.
func (s *Status) Table() [][]string {
	rows := [][]string{{"Operator:", s.State}}
	for _, c := range s.Conditions {
		line := c.Type + "=" + c.Status
		if c.Message != "" {
			line += ": " + c.Message
		}
		rows = append(rows, []string{"", line})
	}
	rows = append(rows, []string{"Configured:", fmt.Sprintf("storage %s, %d replicas", s.Storage, s.Replicas)})
	if s.ReadOnly {
		rows[len(rows)-1][1] += ", read-only"
	}
	for _, r := range s.Routes {
		rows = append(rows, []string{"Route:", r.Name + ": " + r.State})
	}
	if s.Internal != "" {
		rows = append(rows, []string{"Inside:", s.Internal})
	}
	if len(s.External) > 0 {
		rows = append(rows, []string{"Outside:", strings.Join(s.External, ", ")})
	}
	if s.Pruner != nil {
		rows = append(rows, []string{"Pruning:", s.Pruner.summary()})
	}
	return rows
}

// summary describes when images are pruned, and which are kept.
func (p *Pruner) summary() string {
	when := "schedule: " + p.Schedule
	if p.Schedule == "" {
		when = "once a day"
	}
	if p.Suspended {
		when = "suspended"
	}
	text := fmt.Sprintf("%s; keeps %d revisions of each tag", when, p.KeepRevisions)
	if p.KeepYoungerThan != "" {
		text += ", and images younger than " + p.KeepYoungerThan
	}
	return text
}

// Issues are what is wrong, and what to do.
func (s *Status) Issues() []platform.Issue { return s.Problems }

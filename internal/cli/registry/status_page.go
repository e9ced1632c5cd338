package registry

import (
	"fmt"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/survey"
)

func statusTable(s *survey.Status, now time.Time) [][]string {
	rows := [][]string{
		{"Registry:", fmt.Sprintf("%s in namespace %s, %s", s.Name, s.Namespace, readiness(s))},
		{"Workload:", fmt.Sprintf("%s, %s", s.Workload.Object, s.Workload.State)},
		{"Image:", s.Workload.Image},
	}
	for i, p := range s.Pods {
		rows = append(rows, []string{first(i, "Pods:"), podLine(p, now)})
	}
	rows = append(rows, []string{"Storage:", storageLine(s.Storage)}, []string{"TLS:", tlsLine(s.TLS)}, []string{"Users:", authLine(s.Auth)})
	for i, svc := range s.Services {
		rows = append(rows, []string{first(i, "Services:"), serviceLine(svc)})
	}
	for i, e := range s.Exposure {
		rows = append(rows, []string{first(i, "Exposed as:"), fmt.Sprintf("%s by %s (TLS: %s)", e.Host, e.Object, e.Termination)})
	}
	return append(rows, []string{"Objects:", strings.Join(s.Objects, ", ")})
}

func first(i int, heading string) string {
	if i > 0 {
		return ""
	}
	return heading
}

func readiness(s *survey.Status) string {
	if s.Ready {
		return "ready"
	}
	return "not ready"
}

func podLine(p survey.Pod, now time.Time) string {
	line := fmt.Sprintf("%s: %s", p.Name, p.Phase)
	if p.Ready {
		line += ", ready"
	}
	line += fmt.Sprintf(", %d restarts", p.Restarts)
	if now.IsZero() {
		line += ", since " + p.Since.Format(time.RFC3339)
	} else {
		line += fmt.Sprintf(", %s old", age(now.Sub(p.Since)))
	}
	if p.Node != "" {
		line += ", on " + p.Node
	}
	if p.Reason != "" {
		line += ": " + p.Reason
	}
	return line
}

// age formats a duration: 5s, 12m, 3h, 20d.
func age(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}

func storageLine(s survey.Storage) string {
	line := strings.TrimSpace(s.Kind + " " + s.Place)
	for _, more := range []string{s.Phase, s.Capacity, strings.Join(s.Modes, ","), s.Class} {
		if more != "" {
			line += ", " + more
		}
	}
	if s.MountPath != "" {
		line += ", at " + s.MountPath
	}
	if s.Free > 0 {
		line += fmt.Sprintf(", %s used, %s free", cmdutil.HumanBytes(s.Used), cmdutil.HumanBytes(s.Free))
	}
	if s.Ephemeral {
		line += ", lost with the pod"
	}
	return line
}

func tlsLine(t *survey.TLS) string {
	switch {
	case t == nil:
		return "none: plain HTTP"
	case t.DaysLeft == nil && t.Secret == "":
		return t.Problem
	case t.DaysLeft == nil:
		return "secret/" + t.Secret + ": " + t.Problem
	}
	return fmt.Sprintf("secret/%s, %d days left, for %s", t.Secret, *t.DaysLeft, strings.Join(t.Names, ", "))
}

func authLine(a survey.Auth) string {
	line := a.Kind
	if a.Secret != "" {
		line += ", secret/" + a.Secret
	}
	if len(a.Users) > 0 {
		line += ": " + strings.Join(a.Users, ", ")
	}
	return line
}

func serviceLine(s survey.Service) string {
	line := fmt.Sprintf("%s: %s %s, %s", s.Name, s.Type, s.ClusterIP, strings.Join(s.Ports, ", "))
	if len(s.Addresses) > 0 {
		line += ", outside " + strings.Join(s.Addresses, ", ")
	}
	if len(s.Endpoints) == 0 {
		return line + ", no endpoints"
	}
	return line + ", endpoints " + strings.Join(s.Endpoints, ", ")
}

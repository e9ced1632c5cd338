package openshift4

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

type pruning platform.Pruning

func prunerRef() cluster.Ref {
	return cluster.Ref{GVK: cluster.GVK{Group: ConfigKind().Group, Version: "v1", Kind: "ImagePruner"}, Name: singleton}
}

// pruner is what is read of imagepruners.imageregistry.operator.openshift.io/cluster.
type pruner struct {
	Spec struct {
		Schedule                string
		Suspend                 bool
		KeepTagRevisions        *int
		KeepYoungerThanDuration string
	}
	Status struct{ Conditions []Condition }
}

// Prune finds the change after which images are deleted so.
func (p *Platform) Prune(ctx context.Context, want platform.Pruning) ([]plan.Change, error) {
	to := pruning(want)
	if err := to.check(); err != nil {
		return nil, err
	}
	c, err := p.config(ctx)
	if err != nil {
		return nil, err
	}
	if c.Spec.ManagementState == platform.Removed || c.Spec.ManagementState == platform.Unmanaged {
		p.Warn("the registry is %s: only image objects are deleted, not the data in its storage", c.Spec.ManagementState)
	}
	return []plan.Change{&change.Edit{Client: p.Client, Ref: prunerRef(), Do: func(o *cluster.Object) error {
		spec := inner(o.Object, "spec")
		to.write(spec)
		o.Object["spec"] = spec
		return nil
	}}}, nil
}

func (want pruning) write(spec object) {
	if want.Schedule != nil {
		spec["schedule"] = *want.Schedule
	}
	if want.Suspend != nil {
		spec["suspend"] = *want.Suspend
	}
	if want.KeepRevisions != nil {
		spec["keepTagRevisions"] = int64(*want.KeepRevisions)
	}
	if want.KeepYoungerThan != nil {
		text, _ := spec["keepYoungerThanDuration"].(string)
		if is, err := time.ParseDuration(text); err != nil || is != *want.KeepYoungerThan {
			spec["keepYoungerThanDuration"] = want.KeepYoungerThan.String()
		}
		delete(spec, "keepYoungerThan") // its older form
	}
}

func (want pruning) check() error {
	switch {
	case want == pruning{}:
		return hint.BadUsage(errors.New("no settings to change"), "specify a setting, such as --schedule '0 0 * * *'; to show the current ones: regctl registry status")
	case want.KeepRevisions != nil && *want.KeepRevisions < 0:
		return hint.BadUsage(fmt.Errorf("--keep-tag-revisions %d: must not be below 0", *want.KeepRevisions), "")
	case want.KeepYoungerThan != nil && *want.KeepYoungerThan < 0:
		return hint.BadUsage(fmt.Errorf("--keep-younger-than %s: must not be below 0", *want.KeepYoungerThan), "")
	}
	if want.Schedule == nil || *want.Schedule == "" {
		return nil
	}
	return hint.BadUsage(checkSchedule(*want.Schedule), "--schedule '0 0 * * *': minute, hour, day of the month, month, day of the week")
}

// checkSchedule finds what is wrong with five fields of cron, or one of its words.
func checkSchedule(text string) error {
	if strings.HasPrefix(text, "@") {
		if words := []string{"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}; !slices.Contains(words, text) {
			return fmt.Errorf("schedule %q: must be one of %s", text, strings.Join(words, ", "))
		}
		return nil
	}
	fields := strings.Fields(text)
	if len(fields) != 5 {
		return fmt.Errorf("schedule %q: has %d fields, must be 5", text, len(fields))
	}
	for i, limits := range [][2]int{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}} {
		for part := range strings.SplitSeq(fields[i], ",") {
			if !inField(part, limits[0], limits[1], i >= 3) {
				return fmt.Errorf("schedule %q: %q is not a number from %d to %d", text, part, limits[0], limits[1])
			}
		}
	}
	return nil
}

// inField tells whether a part of a field is *, N or N-M, perhaps with a step; or a name, as of months and days.
func inField(part string, low, high int, names bool) bool {
	part, step, stepped := strings.Cut(part, "/")
	if n, err := strconv.Atoi(step); stepped && (err != nil || n < 1) {
		return false
	}
	if part == "*" || part == "?" {
		return true
	}
	from, to, ranged := strings.Cut(part, "-")
	if !ranged {
		to = from
	}
	numbers := []int{}
	for _, word := range []string{from, to} {
		n, err := strconv.Atoi(word)
		if names && err != nil && slices.Contains(cronNames(), strings.ToLower(word)) {
			return true
		}
		if err != nil || n < low || n > high {
			return false
		}
		numbers = append(numbers, n)
	}
	return numbers[0] <= numbers[1]
}

func cronNames() []string {
	return strings.Fields("jan feb mar apr may jun jul aug sep oct nov dec sun mon tue wed thu fri sat")
}

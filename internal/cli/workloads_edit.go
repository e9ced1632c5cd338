package cli

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/workload"
	"github.com/regctl/regctl/pkg/hint"
)

// editor makes the changes of one command, and says once what each edit has to tell.
type editor struct {
	*workloadCommand
	env    *Env
	client *cluster.Client
	several,
	grows bool // whether the edit adds something, which can be shown without knowing what is there
	do func(o *cluster.Object) (workload.Outcome, error)
}

func (e editor) changes(targets []target) ([]plan.Change, error) {
	changes := []plan.Change{}
	for _, t := range targets {
		if e.client.Offline() && t.base == nil {
			if !e.grows {
				return nil, hint.BadUsage(fmt.Errorf("%s: what it has is not known without a server", t.ref), "--dry-run=server, or -f FILE --local")
			}
			t.base = workload.Skeleton(t.ref.GVK, t.ref.Namespace, t.ref.Name, e.container())
			e.env.Say("%s: shown is what is added, for a container named %s; --dry-run=server shows the whole", t.ref, e.container())
		}
		changes = append(changes, e.change(t))
	}
	return changes, nil
}

// container is the name of a registry's container, unless another is given.
func (e editor) container() string {
	if strings.Contains(e.containers, "*") {
		return "registry"
	}
	return e.containers
}

func (e editor) change(t target) plan.Change {
	said := map[string]bool{}
	once := func(say func(string, ...any), line string) {
		if e.several {
			line = t.ref.String() + ": " + line
		}
		if !said[line] {
			say("%s", line)
		}
		said[line] = true
	}
	return &change.Edit{Client: e.client, Ref: t.ref, Base: t.base, Hide: workload.HideVars, Do: func(o *cluster.Object) error {
		before := o.DeepCopy()
		out, err := e.do(o)
		if errors.Is(err, workload.ErrNoContainer) && (e.all || e.selector != "") {
			once(e.env.Warn, err.Error())
			return nil
		}
		if err == nil && !e.client.Offline() && !reflect.DeepEqual(before, o) {
			err = fixed(t.ref.GVK.Kind)
		}
		if err != nil {
			return err
		}
		for _, line := range out.Notes {
			once(e.env.Say, line)
		}
		for _, line := range out.Warnings {
			once(e.env.Warn, line)
		}
		if out.Loss != "" && !said[out.Loss] {
			said[out.Loss] = true
			return e.confirm(e.env, out.Loss+". Continue?")
		}
		return nil
	}}
}

// fixed refuses to change what no server lets be changed once it is made, whose own message is a page long.
func fixed(kind string) error {
	switch kind {
	case "Job":
		return hint.Errorf("delete the job and make it anew: -f FILE --local prints it changed", "a job's template cannot be changed once it is made")
	case "Pod":
		return hint.Errorf("change what makes the pod, such as its deployment", "a pod's volumes and variables cannot be changed once it is made")
	}
	return nil
}

package pipeline

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/workload"
	"github.com/regctl/regctl/pkg/hint"
)

// Editor makes the changes of one command, and says once what each edit has to tell.
type Editor struct {
	*WorkloadCommand
	Env    *cmdutil.Env
	Client *cluster.Client
	Several,
	Grows bool // whether the edit adds something, which can be shown without knowing what is there
	Do func(o *cluster.Object) (workload.Outcome, error)
}

func (e Editor) Changes(targets []Target) ([]plan.Change, error) {
	changes := []plan.Change{}
	for _, t := range targets {
		if e.Client.Offline() && t.base == nil {
			if !e.Grows {
				return nil, hint.BadUsage(fmt.Errorf("%s: what it has is not known without a server", t.Ref), "--dry-run=server, or -f FILE --local")
			}
			t.base = workload.Skeleton(t.Ref.GVK, t.Ref.Namespace, t.Ref.Name, e.container())
			e.Env.Say("%s: shown is what is added, for a container named %s; --dry-run=server shows the whole", t.Ref, e.container())
		}
		changes = append(changes, e.change(t))
	}
	return changes, nil
}

// container is the name of a registry's container, unless another is given.
func (e Editor) container() string {
	if strings.Contains(e.Containers, "*") {
		return "registry"
	}
	return e.Containers
}

func (e Editor) change(t Target) plan.Change {
	said := map[string]bool{}
	once := func(say func(string, ...any), line string) {
		if e.Several {
			line = t.Ref.String() + ": " + line
		}
		if !said[line] {
			say("%s", line)
		}
		said[line] = true
	}
	return &change.Edit{Client: e.Client, Ref: t.Ref, Base: t.base, Hide: workload.HideVars, Do: func(o *cluster.Object) error {
		before := o.DeepCopy()
		out, err := e.Do(o)
		if errors.Is(err, workload.ErrNoContainer) && (e.All || e.Selector != "") {
			once(e.Env.Warn, err.Error())
			return nil
		}
		if err == nil && !e.Client.Offline() && !reflect.DeepEqual(before, o) {
			err = fixed(t.Ref.GVK.Kind)
		}
		if err != nil {
			return err
		}
		for _, line := range out.Notes {
			once(e.Env.Say, line)
		}
		for _, line := range out.Warnings {
			once(e.Env.Warn, line)
		}
		if out.Loss != "" && !said[out.Loss] {
			said[out.Loss] = true
			return e.Confirm(e.Env, out.Loss+". Continue?")
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

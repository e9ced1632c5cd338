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

// Editor makes the changes of one command, and prints each message once.
type Editor struct {
	*WorkloadCommand
	Env    *cmdutil.Env
	Client *cluster.Client
	Several,
	Grows bool // the edit only adds, so a dry run can show it without the server
	Do func(o *cluster.Object) (workload.Outcome, error)
}

// Changes returns a change for each selected workload.
func (e Editor) Changes(targets []Target) ([]plan.Change, error) {
	changes := []plan.Change{}
	for _, t := range targets {
		if e.Client.Offline() && t.base == nil {
			if !e.Grows {
				return nil, hint.BadUsage(fmt.Errorf("%s: the change depends on the object's content, which only a server has", t.Ref), "use --dry-run=server, or -f FILE --local")
			}
			t.base = workload.Skeleton(t.Ref.GVK, t.Ref.Namespace, t.Ref.Name, e.container())
			e.Env.Say("%s: showing only the additions, for container %s; --dry-run=server shows the whole object", t.Ref, e.container())
		}
		changes = append(changes, e.change(t))
	}
	return changes, nil
}

// container is the container's name: registry, unless another is given.
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

// fixed rejects changes to kinds whose pod template is immutable: the server's message is a page long.
func fixed(kind string) error {
	switch kind {
	case "Job":
		return hint.Errorf("delete the job and create it again: -f FILE --local prints the changed job", "the pod template of a job is immutable")
	case "Pod":
		return hint.Errorf("change the owner of the pod, such as its deployment", "volumes and variables of a pod are immutable")
	}
	return nil
}

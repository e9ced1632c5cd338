package opensvc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/regctl/regctl/pkg/hint"
)

// Generation is which of OpenSVC's two agents is spoken to.
type Generation string

// The generations, as --agent names them: the agent written in Python (1.9, 2.x), and the one in Go (om3).
const (
	Python Generation = "2"
	OM3    Generation = "3"
)

// Generations are the generations of agents.
func Generations() []string { return []string{string(Python), string(OM3)} }

// Agent speaks to OpenSVC on this node by its command.
type Agent struct {
	Program    string // om, or svcmgr where there is no om; "" where there is neither, so that nothing can be done here
	Generation Generation
}

var firstNumber = regexp.MustCompile(`[0-9]+`)

// FindAgent looks for om, then for svcmgr. The generation is what "om --version" says
// unless it is given: 3 and later is OM3, all else, and an om that does not know --version, Python.
func FindAgent(ctx context.Context, given Generation) Agent {
	a := Agent{Generation: given}
	for _, program := range []string{"om", "svcmgr"} {
		if _, err := exec.LookPath(program); err == nil {
			a.Program = program
			break
		}
	}
	if a.Generation != "" {
		return a
	}
	a.Generation = Python
	if a.Program == "om" {
		out, err := a.run(ctx, nil, command{"om", "--version"})
		if v := firstNumber.Find(out); err == nil && len(v) > 0 && string(v) >= "3" && len(v) == 1 {
			a.Generation = OM3
		}
	}
	return a
}

// command is a program with its arguments.
type command []string

// String is how it is typed.
func (c command) String() string { return hint.Quote(c...) }

// spelled is a command with the program that exists: "om PATH VERB" is "svcmgr -s PATH VERB".
func (a Agent) spelled(c command) command {
	switch {
	case a.Program == "svcmgr" && c[0] == "om":
		return append(command{"svcmgr", "-s"}, c[1:]...)
	case a.Program == "om" && c[0] == "svcmgr": // svcmgr create -s PATH
		return append(command{"om", c[3], c[1]}, c[4:]...)
	}
	return c
}

func (a Agent) run(ctx context.Context, stdin []byte, c command) ([]byte, error) {
	if a.Program == "" {
		return nil, ErrNoAgent
	}
	c = a.spelled(c)
	cmd := exec.CommandContext(ctx, c[0], c[1:]...)
	cmd.Stdin = bytes.NewReader(stdin)
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err == nil {
		return out, nil
	}
	said := strings.TrimSpace(failed.String())
	if i := strings.LastIndex(said, "\n"); i >= 0 { // the last line is what went wrong
		said = said[i+1:]
	}
	if said == "" {
		said = err.Error()
	}
	return out, hint.Errorf(c.String(), "%s: %s", strings.Join(c[:min(2, len(c))], " "), said)
}

// ErrNoAgent says that OpenSVC's command is not on this machine.
var ErrNoAgent = errors.New("neither om nor svcmgr found in PATH")

var (
	noObject = regexp.MustCompile(`(?i)not found|does not exist|no such|no match|doesn't exist`)
	noDaemon = regexp.MustCompile(`(?i)no such (file|action|option|command)`) // its socket is missing, or it is of the other generation
)

// absent tells whether an agent's answer is that there is no such object.
func absent(err error) bool {
	return errors.Is(err, ErrNoAgent) || err != nil && noObject.MatchString(err.Error()) && !noDaemon.MatchString(err.Error())
}

func (a Agent) newer() bool { return a.Generation == OM3 }

// service is how the agent calls the service itself.
func (a Agent) service(p Path) string {
	if a.newer() {
		return p.of("svc", p.Name)
	}
	return p.String()
}

func (a Agent) showConfig(p Path) command {
	if a.newer() {
		return command{"om", a.service(p), "config", "show"}
	}
	return command{"om", a.service(p), "print", "config"}
}

func (a Agent) create(p Path, file string, wait time.Duration) command {
	c := command{"om", a.service(p), "create"}
	if !a.newer() {
		c = command{"svcmgr", "create", "-s", p.String()}
	}
	c = append(c, "--config", file, "--provision")
	if wait > 0 {
		c = append(c, "--wait", "--time", fmt.Sprintf("%ds", int(wait.Seconds())))
	}
	return c
}

// update is what changes keywords of a service that exists.
func (a Agent) update(p Path, set, unset []string) (all []command) {
	if a.newer() {
		c := command{"om", a.service(p), "config", "update"}
		for _, s := range set {
			c = append(c, "--set", s)
		}
		for _, u := range unset {
			c = append(c, "--unset", u)
		}
		return []command{c}
	}
	for i, words := range [][]string{set, unset} {
		verb := []string{"set", "unset"}[i]
		c := command{"om", a.service(p), verb}
		for _, w := range words {
			c = append(c, "--kw", w)
		}
		if len(words) > 0 {
			all = append(all, c)
		}
	}
	return all
}

// restart makes the container run with what was set.
func (a Agent) restart(p Path) command {
	if a.newer() {
		return command{"om", a.service(p), "instance", "restart", "--rid", registryContainer}
	}
	return command{"om", a.service(p), "restart", "--rid", registryContainer}
}

func (a Agent) status(p Path) command {
	if a.newer() {
		return command{"om", a.service(p), "instance", "status"}
	}
	return command{"om", a.service(p), "print", "status"}
}

func (a Agent) createSec(path string) command { return command{"om", path, "create"} }

func (a Agent) keys(path string) command {
	if a.newer() {
		return command{"om", path, "key", "list"}
	}
	return command{"om", path, "keys"}
}

// putKey reads the value from a file, or from stdin. Either generation tells adding from changing.
func (a Agent) putKey(path, key, from string, there bool) command {
	verb := "add"
	if there {
		verb = "change"
	}
	if a.newer() {
		return command{"om", path, "key", verb, "--name", key, "--from", from}
	}
	return command{"om", path, verb, "--key", key, "--from", from}
}

func (a Agent) decode(path, key string) command {
	if a.newer() {
		return command{"om", path, "key", "decode", "--name", key}
	}
	return command{"om", path, "decode", "--key", key}
}

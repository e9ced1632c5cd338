package opensvc

import (
	"context"
	"os"

	"github.com/regctl/regctl/internal/plan"
)

// service is the Change of the service's configuration.
type service struct {
	*Platform
	path       Path
	live, want config
	gone       []string // SECTION.KEYWORD that an earlier run has set

	note string
}

var (
	_ plan.Change = (*service)(nil)
	_ plan.Viewer = (*service)(nil)
)

// String is svc/test/registry.
func (s *service) String() string { return "svc/" + s.path.String() }

// Live is the configuration as the agent prints it.
func (s *service) Live(context.Context) ([]byte, error) {
	if s.live == nil {
		return nil, nil
	}
	return []byte(s.live.less(nil).String()), nil // sections with nothing in them mean nothing
}

// Want is that with what regctl sets.
func (s *service) Want(context.Context, bool) ([]byte, error) {
	return []byte(s.live.less(s.gone).over(s.want).String()), nil
}

// View is the file itself; the note says what is left to be done.
func (s *service) View(r plan.Result) plan.View {
	return plan.View{Live: r.Live, Want: r.Want, Note: s.note, Document: struct {
		Kind   string      `json:"kind"`
		Path   string      `json:"path"`
		Action plan.Action `json:"action"`
		Config string      `json:"config"`
	}{"Service", s.path.String(), r.Action, string(r.Want)}}
}

// Apply makes the service, or sets the keywords of the one that exists.
func (s *service) Apply(ctx context.Context) error {
	if s.live != nil {
		return s.update(ctx)
	}
	f, err := os.CreateTemp("", "regctl-*.conf")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.WriteString(s.want.String()); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	_, err = s.Agent.run(ctx, nil, s.Agent.create(s.path, f.Name(), s.Wait))
	return err
}

func (s *service) update(ctx context.Context) error {
	var set []string
	for _, section := range s.want {
		for _, k := range section.keywords {
			if s.live.get(section.name, k.name) != k.value {
				set = append(set, section.name+"."+k.name+"="+k.value)
			}
		}
	}
	for _, c := range s.Agent.update(s.path, set, s.gone) {
		if _, err := s.Agent.run(ctx, nil, c); err != nil {
			return err
		}
	}
	s.note = "the container keeps the old configuration until it is restarted: " + s.Agent.restart(s.path).String()
	return nil
}

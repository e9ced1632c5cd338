package image

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/images"
)

// checkProjects refuses, before anything is sent, names that an OpenShift registry cannot
// have: it keeps images as <project>/<name>, and what its clients show of its refusal
// hides that. Only names of another form cost a question to the registry, without credentials.
func checkProjects(ctx context.Context, e *cmdutil.Env, conn connect.RegistryFlags, refs ...name.Reference) error {
	asked := map[string]bool{}
	for _, ref := range refs {
		host, repo := ref.Context().RegistryStr(), ref.Context().RepositoryStr()
		if strings.Count(repo, "/") == 1 {
			continue
		}
		openshift, known := asked[host]
		if !known {
			var err error
			if openshift, err = openShiftAt(ctx, e, conn, host); err != nil {
				return err
			}
			asked[host] = openshift
		}
		if openshift {
			last := repo[strings.LastIndex(repo, "/")+1:]
			return hint.BadUsage(fmt.Errorf("%s/%s: OpenShift registries require HOST/PROJECT/NAME", host, repo), "add the project: "+host+"/PROJECT/"+last)
		}
	}
	return ctx.Err()
}

// openShiftAt asks a registry, without credentials, whether it is OpenShift's.
func openShiftAt(ctx context.Context, e *cmdutil.Env, conn connect.RegistryFlags, host string) (bool, error) {
	t, err := connect.Transport(e, host, conn.CA, conn.Insecure)
	if err != nil {
		return false, err
	}
	defer t.CloseIdleConnections()
	return connect.IsOpenShift(ctx, t, host), nil
}

// whoGrants says of an OpenShift registry's refusal how the right is given: the one to
// push, where it was about what was to be written, else the one to pull.
func whoGrants(ctx context.Context, e *cmdutil.Env, conn connect.RegistryFlags, err error, written ...name.Reference) error {
	denied, ok := errors.AsType[*images.DeniedError](err)
	if !ok {
		return err
	}
	repo := denied.Ref.Context()
	project, _, named := strings.Cut(repo.RepositoryStr(), "/")
	if openshift, unreached := openShiftAt(ctx, e, conn, repo.RegistryStr()); !named || !openshift || unreached != nil {
		return err
	}
	verb := "pull"
	if slices.ContainsFunc(written, func(ref name.Reference) bool { return ref.Context().Name() == repo.Name() }) {
		verb = "push"
	}
	return hint.New(err, "as an admin, run: regctl policy grant "+verb+" USER -n "+project)
}

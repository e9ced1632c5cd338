package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/pkg/hint"
)

// checkProjects refuses, before anything is sent, names that an OpenShift registry cannot
// have: it keeps images as <project>/<name>, and what its clients show of its refusal
// hides that. Only names of another form cost a question to the registry, without credentials.
func (e *Env) checkProjects(ctx context.Context, conn registryFlags, refs ...name.Reference) error {
	asked := map[string]bool{}
	for _, ref := range refs {
		host, repo := ref.Context().RegistryStr(), ref.Context().RepositoryStr()
		if strings.Count(repo, "/") == 1 {
			continue
		}
		openshift, known := asked[host]
		if !known {
			t, err := e.transport(host, conn.ca, conn.insecure)
			if err != nil {
				return err
			}
			openshift = isOpenShift(ctx, t, host)
			t.CloseIdleConnections()
			asked[host] = openshift
		}
		if openshift {
			last := repo[strings.LastIndex(repo, "/")+1:]
			return hint.BadUsage(fmt.Errorf("%s/%s: an OpenShift registry has images as <host>/<project>/<name>", host, repo), "name the project: "+host+"/PROJECT/"+last)
		}
	}
	return ctx.Err()
}

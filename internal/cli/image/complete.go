package image

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/images"
	"github.com/regctl/regctl/pkg/trust"
	"github.com/spf13/cobra"
)

// patience is how long a shell waits for a registry's answer.
const patience = 2 * time.Second

// completeRefs completes references where at says so of the number of arguments
// before: hosts that there are credentials for, behind HOST/ the registry's
// repositories, behind a colon their tags. Nothing is asked and nothing said:
// where it fails there is nothing to complete.
func completeRefs(env *cmdutil.Env, conn *connect.RegistryFlags, at func(before int) bool) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if !at(len(args)) {
			return nil, cobra.ShellCompDirectiveDefault
		}
		ctx := cmd.Context()
		if ctx == nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, stop := context.WithTimeout(ctx, patience)
		defer stop()
		found := make(chan []string, 1) // a credential helper knows no deadline
		go func() { found <- refs(ctx, env, *conn, typed) }()
		select {
		case list := <-found:
			list = slices.DeleteFunc(list, func(ref string) bool { return !strings.HasPrefix(ref, typed) })
			return list, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
		case <-ctx.Done():
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
	}
}

func refs(ctx context.Context, e *cmdutil.Env, conn connect.RegistryFlags, typed string) (list []string) {
	host, path, inside := strings.Cut(typed, "/")
	if !inside {
		hosts, _ := credentials.Hosts(credentials.Everywhere(connect.Credentials(e)))
		for _, h := range hosts {
			list = append(list, h+"/")
		}
		slices.Sort(list)
		return list
	}
	if !trust.IsHost(host) {
		return nil
	}
	client := connect.Images(e, conn, nil)
	if repo, _, tagged := strings.Cut(path, ":"); tagged {
		r, err := images.ParseRepository(host + "/" + repo)
		if err != nil {
			return nil
		}
		tags, _ := client.Tags(ctx, r)
		for _, t := range tags {
			list = append(list, host+"/"+repo+":"+t)
		}
		return list
	}
	reg, err := name.NewRegistry(host, name.StrictValidation)
	if err != nil {
		return nil
	}
	repos, _ := client.Repositories(ctx, reg)
	for _, r := range repos {
		list = append(list, host+"/"+r)
	}
	return list
}

package image

import (
	"context"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/images"
	"github.com/regctl/regctl/pkg/trust"
	"github.com/spf13/cobra"
)

// completeRefs completes references where at says so of the number of arguments
// before: hosts with stored credentials, behind HOST/ the registry's repositories, behind a colon
// their tags.
func completeRefs(env *cmdutil.Env, conn *connect.RegistryFlags, at func(before int) bool) cobra.CompletionFunc {
	complete := cmdutil.Complete(env, cobra.ShellCompDirectiveNoSpace|cobra.ShellCompDirectiveNoFileComp,
		func(ctx context.Context, env *cmdutil.Env, _ []string, typed string) []string {
			return refs(ctx, env, *conn, typed)
		})
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if !at(len(args)) {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return complete(cmd, args, typed)
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

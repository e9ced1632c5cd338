package image

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/images"
	"github.com/regctl/regctl/pkg/trust"
	"github.com/spf13/cobra"
)

func newImageList(env *cmdutil.Env) *cobra.Command {
	var conn connect.RegistryFlags
	var long bool
	cmd := &cobra.Command{
		Use:   "ls [HOST | HOST/REPOSITORY]",
		Short: "List the repositories of a registry, or the tags of a repository",
		Long: `List the repositories of a registry, or the tags of a repository, one per line. Without
HOST, the command uses the registry of the kubeconfig's cluster.

--long adds digest, total size and platforms of each image.`,
		Example: `  regctl image ls localhost:5000
  regctl image ls localhost:5000/demo/app
  regctl image ls --long localhost:5000/demo/app`,
		Args: cobra.MaximumNArgs(1),
	}
	conn.Add(cmd)
	cmd.ValidArgsFunction = completeRefs(env, &conn, func(n int) bool { return n == 0 })
	cmd.Flags().BoolVarP(&long, "long", "l", false, "show digest, size and platforms of each tag")
	output := cmdutil.OutputFlag(cmd)
	cmd.RunE = imageRun(func(cmd *cobra.Command, args []string) error {
		client := connect.Images(env, conn, nil)
		if len(args) == 0 {
			r, err := connect.Discover(cmd.Context(), env, cluster.Config{})
			if err != nil {
				return hint.New(fmt.Errorf("HOST is required, because no cluster registry was found: %w", err), "regctl image ls localhost:5000")
			}
			args = []string{r.Host}
		}
		what := strings.TrimSuffix(args[0], "/")
		if !strings.Contains(what, "/") {
			if long {
				return hint.BadUsage(errors.New("--long requires a repository"), "regctl image ls --long "+what+"/REPOSITORY")
			}
			return listRepositories(cmd.Context(), env, client, what, output)
		}
		repo, err := images.ParseRepository(what)
		if err != nil {
			return err
		}
		return connect.ListTags(cmd.Context(), env, client, repo, long, output)
	})
	return cmd
}

func listRepositories(ctx context.Context, e *cmdutil.Env, client *images.Client, host string, output *cmdutil.Output) error {
	h, err := trust.ParseHost(host)
	if err != nil {
		return err
	}
	reg, err := name.NewRegistry(h.String(), name.StrictValidation)
	if err != nil {
		return err
	}
	list, err := client.Repositories(ctx, reg)
	if err != nil {
		return err
	}
	var table [][]string
	for _, repo := range list {
		table = append(table, []string{repo})
	}
	return output.Print(e, map[string]any{"registry": reg.Name(), "repositories": cmdutil.NotNil(list)}, table)
}

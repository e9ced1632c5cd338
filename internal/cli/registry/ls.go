package registry

import (
	"context"
	"errors"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform/platforms"
	"github.com/regctl/regctl/internal/survey"
	"github.com/regctl/regctl/pkg/images"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

type registryList struct {
	pipeline.ClusterFlags
	reachFlags
	long, storage, all bool
	output             *cmdutil.Output
}

func newRegistryLs(env *cmdutil.Env) *cobra.Command {
	l := &registryList{}
	cmd := &cobra.Command{
		Use:     "ls [NAME] [REPOSITORY]",
		Aliases: []string{"list"},
		Short:   "List the repositories, tags or storage directories of a registry",
		Long: `List the repositories of a registry in the cluster with their tags, or the tags of one
repository with digest, size and platforms. The command connects through a pod, so the
registry does not have to be exposed. It uses the credentials of "regctl login" for the
Service's name, or -u.

--storage lists the directories of the pod's volume and their purpose instead; --all
lists every file. It runs a command in the pod and uses no credentials of the registry.`,
		Example: `  regctl registry ls
  regctl registry ls docker-registry demo/app
  regctl registry ls --storage`,
		Args:              cobra.MaximumNArgs(2),
		ValidArgsFunction: l.completeArgs(env),
	}
	l.ClusterFlags.Add(env, cmd)
	l.reachFlags.add(cmd)
	f := cmd.Flags()
	f.BoolVarP(&l.long, "long", "l", false, "show digest, size and platforms of each tag of all repositories")
	f.BoolVar(&l.storage, "storage", false, "list the directories of the storage")
	f.BoolVar(&l.all, "all", false, "with --storage, list every file")
	output := cmdutil.OutputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		l.output = output
		client, err := l.ClusterFlags.Client(env)
		if err != nil {
			return err
		}
		client, of, err := platforms.Meant(cmd.Context(), client, registryName(args))
		if err != nil {
			return err
		}
		door, err := survey.FindPodAccess(cmd.Context(), client, of)
		if err != nil {
			return err
		}
		if l.storage {
			return listStorage(cmd.Context(), env, client, door, l.all, l.output)
		}
		return explainReach("regctl registry ls "+of+" -n "+client.Namespace, l.run(cmd.Context(), env, client, door, args))
	}
	return cmd
}

// completeArgs completes the registry, then its repositories.
func (l *registryList) completeArgs(env *cmdutil.Env) cobra.CompletionFunc {
	names := registryNames(env, &l.ClusterFlags)
	repositories := cmdutil.Complete(env, cobra.ShellCompDirectiveNoFileComp, l.completeRepositories)
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) == 1 {
			return repositories(cmd, args, typed)
		}
		return names(cmd, args, typed)
	}
}

func (l *registryList) completeRepositories(ctx context.Context, env *cmdutil.Env, args []string, _ string) []string {
	client, err := l.CompletionClient(env)
	if err != nil {
		return nil
	}
	client, of, err := platforms.Meant(ctx, client, args[0])
	if err != nil {
		return nil
	}
	door, err := survey.FindPodAccess(ctx, client, of)
	if err != nil {
		return nil
	}
	reg, err := name.NewRegistry(door.Host, name.StrictValidation)
	if err != nil {
		return nil
	}
	through, tunnel, err := throughPod(ctx, env, client, door, l.reachFlags)
	if err != nil {
		return nil
	}
	defer tunnel.Close()
	found, _ := through.Repositories(ctx, reg)
	return found
}

func (l *registryList) run(ctx context.Context, env *cmdutil.Env, client *cluster.Client, door *survey.PodAccess, args []string) error {
	reg, err := name.NewRegistry(door.Host, name.StrictValidation)
	if err != nil {
		return err
	}
	through, tunnel, err := throughPod(ctx, env, client, door, l.reachFlags)
	if err != nil {
		return err
	}
	defer tunnel.Close()
	if len(args) == 2 {
		repo, err := images.ParseRepository(door.Host + "/" + strings.Trim(args[1], "/"))
		if err != nil {
			return err
		}
		return connect.ListTags(ctx, env, through, repo, true, l.output)
	}
	names, err := through.Repositories(ctx, reg)
	if err != nil {
		return err
	}
	repos, err := l.repositories(ctx, through, reg, names)
	if err != nil {
		return err
	}
	return l.output.Print(env, map[string]any{"registry": reg.Name(), "repositories": cmdutil.NotNil(repos)}, l.table(repos))
}

// listedRepository is a repository and its tags.
type listedRepository struct {
	Name string       `json:"repository"`
	Tags []images.Tag `json:"tags"`
}

// repositories lists the tags of all repositories, some concurrently. A repository deleted meanwhile has none.
func (l *registryList) repositories(ctx context.Context, c *images.Client, reg name.Registry, names []string) ([]listedRepository, error) {
	all := make([]listedRepository, len(names))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for i, n := range names {
		g.Go(func() error {
			tags, err := l.tags(ctx, c, reg.Repo(n))
			all[i] = listedRepository{n, cmdutil.NotNil(tags)}
			return err
		})
	}
	return all, g.Wait()
}

func (l *registryList) tags(ctx context.Context, c *images.Client, repo name.Repository) ([]images.Tag, error) {
	names, err := c.Tags(ctx, repo)
	if errors.Is(err, images.ErrUnknown) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if l.long {
		return c.Details(ctx, repo, names)
	}
	var tags []images.Tag
	for _, n := range names {
		tags = append(tags, images.Tag{Name: n})
	}
	return tags, nil
}

func (l *registryList) table(repos []listedRepository) [][]string {
	if !l.long {
		table := [][]string{{"REPOSITORY", "TAGS"}}
		for _, r := range repos {
			var tags []string
			for _, t := range r.Tags {
				tags = append(tags, t.Name)
			}
			table = append(table, []string{r.Name, strings.Join(tags, ", ")})
		}
		return table
	}
	table := [][]string{{"REPOSITORY", "TAG", "DIGEST", "SIZE", "PLATFORMS"}}
	for _, r := range repos {
		for _, row := range connect.LongTags(r.Tags)[1:] {
			table = append(table, append([]string{r.Name}, row...))
		}
		if len(r.Tags) == 0 {
			table = append(table, []string{r.Name, "", "", "", ""})
		}
	}
	return table
}

// Package imagestreams has the commands about OpenShift image streams.
package imagestreams

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/discover"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// New returns the command imagestreams with its subcommands.
func New(env *cmdutil.Env) *cobra.Command {
	cmd := cmdutil.Family("imagestreams", "Manage image streams of an OpenShift cluster",
		`Manage image streams, in which OpenShift's registry stores images. Pushing
HOST/PROJECT/NAME:TAG creates the image stream NAME in the project PROJECT.`, newImageStreamsList(env))
	cmd.Aliases = []string{"is", "imagestream"}
	return cmd
}

func newImageStreamsList(env *cmdutil.Env) *cobra.Command {
	var kube pipeline.ClusterFlags
	var everywhere bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List image streams, their repositories and tags",
		Long: `List the image streams of a project, as "oc get is" does: the repository, the newest tags
and the time of the last update. The repository is the public one, or the internal one if
the registry is not exposed.`,
		Example: `  regctl imagestreams list
  regctl imagestreams list --all-namespaces -o wide`,
		Args: cobra.NoArgs,
	}
	kube.Add(env, cmd)
	cmd.Flags().BoolVarP(&everywhere, "all-namespaces", "A", false, "list the image streams of all projects")
	output := cmdutil.ObjectsFlag(cmd, "output `format`: json, yaml, name, wide, jsonpath=, go-template=, custom-columns=")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if everywhere && cmd.Flags().Changed("namespace") {
			return hint.BadUsage(errors.New("--all-namespaces cannot be used with --namespace"), "omit one of them")
		}
		client, err := kube.Client(env)
		if err != nil {
			return err
		}
		if everywhere {
			client.Namespace = ""
		}
		found, err := listStreams(cmd.Context(), client)
		if err != nil {
			return err
		}
		return printStreams(env, output, found, everywhere, client.Namespace)
	}
	return cmd
}

func listStreams(ctx context.Context, client *cluster.Client) ([]cluster.Object, error) {
	known, err := client.Has(discover.Streams())
	if err != nil {
		return nil, err
	}
	if !known {
		return nil, hint.New(errors.New("the cluster does not serve image streams: it is not OpenShift"), "to list the images of a registry: regctl image ls HOST")
	}
	return client.List(ctx, discover.Streams(), "")
}

func printStreams(e *cmdutil.Env, output *cmdutil.Output, found []cluster.Object, everywhere bool, namespace string) error {
	if output.Data() {
		objects := make([]any, len(found))
		for i := range found {
			objects[i] = found[i].Object
		}
		return output.PrintList(e, objects)
	}
	if len(found) == 0 {
		where := "any project"
		if !everywhere {
			where = "project " + namespace
		}
		e.Say("No image streams in %s", where)
		return nil
	}
	table, err := streamTable(found, everywhere, output.Value == "wide", e.Now())
	if err != nil {
		return err
	}
	return output.Print(e, nil, table)
}

// imageStream is what is read of OpenShift's ImageStream.
type imageStream struct {
	Metadata struct{ Name, Namespace string }
	Spec     struct {
		Repository string `json:"dockerImageRepository"` // where the images are imported from
		Tags       []struct{ Name string }
	}
	Status struct {
		Public string `json:"publicDockerImageRepository"`
		Inner  string `json:"dockerImageRepository"`
		Tags   []struct {
			Tag   string
			Items []struct {
				Created time.Time
				Image   string
			}
		}
	}
}

// streamTable has the columns of "oc get is"; wide adds the internal repository, all tags, and how many images there are.
func streamTable(found []cluster.Object, everywhere, wide bool, now time.Time) ([][]string, error) {
	head := []string{"NAME", "IMAGE REPOSITORY", "TAGS", "UPDATED"}
	if wide {
		head = append(head, "INTERNAL REPOSITORY", "IMAGES")
	}
	if everywhere {
		head = append([]string{"NAMESPACE"}, head...)
	}
	table := [][]string{head}
	for i := range found {
		s, err := cluster.Decode[imageStream](&found[i])
		if err != nil {
			return nil, err
		}
		names := s.tags()
		row := []string{s.Metadata.Name, cmp.Or(s.Status.Public, s.Status.Inner, s.Spec.Repository), shortTags(names), s.updated(now)}
		if wide {
			row[2] = strings.Join(names, ",")
			row = append(row, s.Status.Inner, fmt.Sprint(s.images()))
		}
		if everywhere {
			row = append([]string{s.Metadata.Namespace}, row...)
		}
		table = append(table, row)
	}
	return table, nil
}

// tags are the names of the tags: those with images, the newest first, then those that wait for theirs.
func (s *imageStream) tags() (names []string) {
	seen := slices.Clone(s.Status.Tags)
	newest := func(i int) (t time.Time) {
		if len(seen[i].Items) > 0 {
			t = seen[i].Items[0].Created
		}
		return t
	}
	order := make([]int, len(seen))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(newest(b).Compare(newest(a)), strings.Compare(seen[a].Tag, seen[b].Tag))
	})
	for _, i := range order {
		names = append(names, seen[i].Tag)
	}
	for _, t := range s.Spec.Tags {
		if !slices.Contains(names, t.Name) {
			names = append(names, t.Name)
		}
	}
	return names
}

// shortTags joins tags up to about 40 letters.
func shortTags(names []string) string {
	const most = 40
	text := ""
	for i, n := range names {
		if i > 0 && len(text)+len(n) > most {
			return fmt.Sprintf("%s + %d more...", text, len(names)-i)
		}
		text = strings.TrimPrefix(text+","+n, ",")
	}
	return text
}

func (s *imageStream) updated(now time.Time) string {
	var last time.Time
	for _, t := range s.Status.Tags {
		for _, item := range t.Items {
			if item.Created.After(last) {
				last = item.Created
			}
		}
	}
	if last.IsZero() {
		return ""
	}
	return ago(now.Sub(last))
}

// ago is a time in the words of "oc get": 2 seconds ago.
func ago(d time.Duration) string {
	n, unit := max(0, int(d/time.Second)), "second"
	const day = 24 * time.Hour
	for _, longer := range []struct {
		name string
		long time.Duration
	}{{"minute", time.Minute}, {"hour", time.Hour}, {"day", day}, {"week", 7 * day}, {"month", 30 * day}, {"year", 365 * day}} {
		if d < longer.long {
			break
		}
		n, unit = int(d/longer.long), longer.name
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s ago", n, unit)
}

// images counts the different images.
func (s *imageStream) images() int {
	all := map[string]bool{}
	for _, t := range s.Status.Tags {
		for _, item := range t.Items {
			all[item.Image] = true
		}
	}
	return len(all)
}

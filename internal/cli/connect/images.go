package connect

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/pkg/images"
	"github.com/spf13/cobra"
)

// RegistryFlags are the connection flags of every image command.
type RegistryFlags struct {
	CA       string
	Insecure bool
}

// Add adds the flags to a command.
func (r *RegistryFlags) Add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&r.CA, "ca", "", "PEM `file` with the CA of the registry's certificate")
	cmd.Flags().BoolVar(&r.Insecure, "insecure", false, "skip certificate verification and allow plain HTTP")
}

// Images returns a client for registries; progress can be nil.
func Images(e *cmdutil.Env, r RegistryFlags, progress images.Progress) *images.Client {
	return &images.Client{
		Transport: func(host string) (http.RoundTripper, error) {
			t, err := Transport(e, host, r.CA, r.Insecure)
			return logged(e, t), err
		},
		Keychain:  Keychain(e),
		Insecure:  r.Insecure,
		UserAgent: "regctl/" + cmdutil.BuildVersion().Version,
		Progress:  progress,
	}
}

// ExplainImage adds a hint to a failed connection.
func ExplainImage(err error) error {
	if c, ok := errors.AsType[*images.ConnectionError](err); ok {
		if _, is := errors.AsType[*TlsError](ExplainTLS(c.Host, c.Err)); is {
			return ExplainTLS(c.Host, c.Err)
		}
	}
	return err
}

// loginWords are the flags that a login requires if no kubeconfig has a token.
func loginWords(e *cmdutil.Env) string {
	if _, err := (cluster.Config{}).Open(e.Getenv); err != nil {
		return " -u USER"
	}
	return ""
}

// ListTags prints the tags of a repository; long adds the digest, size and platforms of each.
func ListTags(ctx context.Context, e *cmdutil.Env, client *images.Client, repo name.Repository, long bool, output *cmdutil.Output) error {
	names, err := client.Tags(ctx, repo)
	if err != nil {
		return err
	}
	var tags []images.Tag
	var table [][]string
	if long {
		if tags, err = client.Details(ctx, repo, names); err != nil {
			return err
		}
		table = LongTags(tags)
	} else {
		for _, n := range names {
			tags, table = append(tags, images.Tag{Name: n}), append(table, []string{n})
		}
	}
	return output.Print(e, map[string]any{"repository": repo.Name(), "tags": cmdutil.NotNil(tags)}, table)
}

// LongTags is the table of tags with their digest, size and platforms.
func LongTags(tags []images.Tag) [][]string {
	table := [][]string{{"TAG", "DIGEST", "SIZE", "PLATFORMS"}}
	for _, t := range tags {
		table = append(table, []string{t.Name, t.Digest, cmdutil.HumanBytes(t.Size), strings.Join(t.Platforms, ",")})
	}
	return table
}

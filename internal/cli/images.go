package cli

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/pkg/images"
	"github.com/spf13/cobra"
)

// registryFlags are how every image command reaches a registry.
type registryFlags struct {
	ca       string
	insecure bool
}

func (r *registryFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&r.ca, "ca", "", "PEM `file` of the CA that signed the registry's certificate")
	cmd.Flags().BoolVar(&r.insecure, "insecure", false, "accept any certificate, and plain HTTP")
}

// images is a client for registries; progress may be nil.
func (e *Env) images(r registryFlags, progress images.Progress) *images.Client {
	return &images.Client{
		Transport: func(host string) (http.RoundTripper, error) {
			t, err := e.transport(host, r.ca, r.insecure)
			return e.logged(t), err
		},
		Keychain:  e.keychain(),
		Insecure:  r.insecure,
		UserAgent: "regctl/" + BuildVersion().Version,
		Login:     e.loginWords(),
		Progress:  progress,
	}
}

// explainImage adds what is to be done about a connection that failed.
func explainImage(err error) error {
	if c, ok := errors.AsType[*images.ConnectionError](err); ok {
		if _, is := errors.AsType[*tlsError](explainTLS(c.Host, c.Err)); is {
			return explainTLS(c.Host, c.Err)
		}
	}
	return err
}

// loginWords are what a login needs where no kubeconfig has a token.
func (e *Env) loginWords() string {
	if _, err := (cluster.Config{}).Open(e.Getenv); err != nil {
		return " -u USER"
	}
	return ""
}

func (e *Env) listTags(ctx context.Context, client *images.Client, repo name.Repository, long bool, format string) error {
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
		table = longTags(tags)
	} else {
		for _, n := range names {
			tags, table = append(tags, images.Tag{Name: n}), append(table, []string{n})
		}
	}
	return e.Print(format, map[string]any{"repository": repo.Name(), "tags": notNil(tags)}, table)
}

func longTags(tags []images.Tag) [][]string {
	table := [][]string{{"TAG", "DIGEST", "SIZE", "PLATFORMS"}}
	for _, t := range tags {
		table = append(table, []string{t.Name, t.Digest, humanBytes(t.Size), strings.Join(t.Platforms, ",")})
	}
	return table
}

package envvars

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/workload"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func (o *envOptions) newSet(parent *cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "set TYPE/NAME KEY=VALUE KEY-",
		Short: "Set environment variables of workloads, or unset them with KEY-",
		Long: `Set environment variables of workloads, or unset them with KEY-. Existing variables keep
their position; new variables are added at the end. Setting or unsetting a registry's
certificate (REGISTRY_HTTP_TLS_CERTIFICATE) also changes its probes.

- reads one KEY=VALUE per line from stdin. Lines that begin with # are ignored. A value
with an opening quote continues until the line that ends with the same quote.

Store secret values in a secret, and refer to it with --from secret/NAME.`,
		Example: `  regctl env set deployment/docker-registry REGISTRY_LOG_LEVEL=info
  regctl env set deployment/docker-registry REGISTRY_LOG_LEVEL=warn REGISTRY_LOG_FORMATTER-
  regctl env set deployment/docker-registry --from secret/s3-keys --keys accesskey,secretkey --prefix REGISTRY_STORAGE_S3_
  echo 'REGISTRY_LOG_LEVEL=debug' | regctl env set deployment/docker-registry -`,
		RunE: o.runSet,
	}
	return pipeline.Sharing(parent, cmd, append(append(pipeline.MutationFlags(), pipeline.SelectionFlags()...), "env", "from", "keys", "prefix", "overwrite", "resource-version")...)
}

func (o *envOptions) runSet(cmd *cobra.Command, args []string) error {
	resources, changes, err := split(args)
	if err != nil {
		return err
	}
	c := workload.VarChange{Containers: o.Containers, Keep: !o.overwrite}
	if err := o.readStdin(&c, append(changes, o.vars...)); err != nil {
		return err
	}
	if len(o.keys) > 0 && o.from == "" {
		return hint.BadUsage(errors.New("--keys requires --from"), "")
	}
	client, err := o.Connect(o.env)
	if err != nil {
		return err
	}
	if err := o.addFrom(cmd.Context(), client, &c); err != nil {
		return err
	}
	c.Set = prefixed(o.prefix, c.Set)
	if err := c.Check(); err != nil {
		return err
	}
	targets, err := o.Targets(o.env, client, resources)
	if err != nil {
		return err
	}
	return o.edit(cmd, client, targets, c)
}

// addFrom adds a variable for each key of the secret or config map that --from names.
func (o *envOptions) addFrom(ctx context.Context, client *cluster.Client, c *workload.VarChange) error {
	if o.from == "" {
		return nil
	}
	ref, err := referenceTo(o.from, client.Namespace)
	if err != nil {
		return err
	}
	keys := o.keys
	if client.Offline() && len(keys) == 0 {
		return hint.BadUsage(fmt.Errorf("--from %s: only a server knows the keys", o.from), "add --keys KEY,KEY")
	}
	if !client.Offline() {
		if keys, err = o.keysOf(ctx, client, ref); err != nil {
			return err
		}
	}
	c.Set = append(c.Set, workload.FromKeys(ref.GVK.Kind, ref.Name, keys)...)
	return nil
}

// keysOf lists the keys of an object, or those that are asked for, which must be there.
func (o *envOptions) keysOf(ctx context.Context, client *cluster.Client, ref cluster.Ref) ([]string, error) {
	there, err := client.Get(ctx, ref)
	if err != nil {
		return nil, err
	}
	if there == nil {
		return nil, fmt.Errorf("%s: not found in namespace %s", ref, ref.Namespace)
	}
	keys := slices.Sorted(maps.Keys(workload.Data(there)))
	for _, key := range o.keys {
		if !slices.Contains(keys, key) {
			return nil, fmt.Errorf("%s: has no key %s; it has %s", ref, key, strings.Join(keys, ", "))
		}
	}
	if len(o.keys) > 0 {
		return o.keys, nil
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s: has no keys", ref)
	}
	return keys, nil
}

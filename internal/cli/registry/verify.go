package registry

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/platform/platforms"
	"github.com/regctl/regctl/internal/printable"
	"github.com/regctl/regctl/internal/survey"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/images"
	"github.com/regctl/regctl/pkg/trust"
	"github.com/spf13/cobra"
)

// verification pushes an image to a registry and pulls it again.
type verification struct {
	pipeline.ClusterFlags
	reachFlags
	repository string

	env   *cmdutil.Env
	steps []verifyStep
	talk  bool
}

// verifyStep is the result of one step.
type verifyStep struct {
	Step   string `json:"step"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"` // the result, or the cause of the failure
}

func newRegistryVerify(env *cmdutil.Env) *cobra.Command {
	v := &verification{env: env}
	cmd := &cobra.Command{
		Use:   "verify [NAME|HOST[:PORT]]",
		Short: "Verify a registry by pushing, pulling and removing a small image",
		Long: `Verify that a registry works: push a small random image, pull it again, compare every
byte, and remove it. The command prints each step. The first failure ends it with exit
status 1 and a hint.

NAME  a registry in the cluster, reached through one of its pods
HOST  a name with a dot or a port, or "localhost": reached as clients do, with the
      trust and credentials of this machine

If the registry disables deletion, the image stays, with a note.`,
		Example: `  regctl registry verify
  regctl registry verify localhost:5000`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: registryNames(env, &v.ClusterFlags),
	}
	v.ClusterFlags.Add(env, cmd)
	v.reachFlags.add(cmd)
	cmd.Flags().StringVar(&v.repository, "repository", "regctl-verify", "`repository` to push to; OpenShift requires an existing PROJECT/NAME")
	output := cmdutil.OutputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		v.talk = output.Value == ""
		err := v.run(cmd.Context(), registryName(args))
		if !v.talk && len(v.steps) > 0 {
			if bad := output.Print(env, map[string]any{"ok": err == nil, "steps": v.steps}, nil); bad != nil {
				return bad
			}
		}
		return err
	}
	return cmd
}

// step records the result of one step, and prints it.
func (v *verification) step(what string, err error, format string, args ...any) error {
	s := verifyStep{what, err == nil, fmt.Sprintf(format, args...)}
	if err != nil {
		s.Detail = err.Error()
	}
	v.steps = append(v.steps, s)
	if v.talk && err == nil {
		fmt.Fprintf(v.env.Out, "%-8s %s\n", what, printable.Text(s.Detail))
	}
	if err != nil {
		return hint.New(fmt.Errorf("%s: %w", what, err), hint.Of(err))
	}
	return nil
}

func isHost(arg string) bool {
	return strings.ContainsAny(arg, ".:") || arg == "localhost"
}

func (v *verification) run(ctx context.Context, target string) error {
	if isHost(target) {
		if _, err := trust.ParseHost(target); err != nil {
			return hint.BadUsage(err, hint.Of(err))
		}
		keychain, err := v.keychain(v.env, nil)
		if err != nil {
			return err
		}
		client := connect.Images(v.env, v.RegistryFlags, nil)
		client.Keychain = keychain
		return explainReach("", v.roundTrip(ctx, client, target))
	}
	client, err := v.ClusterFlags.Client(v.env)
	if err != nil {
		return err
	}
	client, target, err = platforms.Meant(ctx, client, target)
	if err != nil {
		return err
	}
	door, err := survey.FindPodAccess(ctx, client, target)
	if err = v.step("pod", err, "%s", describeDoor(door)); err != nil {
		return err
	}
	through, tunnel, err := throughPod(ctx, v.env, client, door, v.reachFlags)
	if err = v.step("tunnel", err, "to port %d, for %s", door.Port, door.Host); err != nil {
		return err
	}
	defer tunnel.Close()
	return explainReach("", v.roundTrip(ctx, through, door.Host))
}

func describeDoor(d *survey.PodAccess) string {
	if d == nil {
		return ""
	}
	return fmt.Sprintf("%s is ready, image %s", d.Pod, d.Image)
}

func (v *verification) roundTrip(ctx context.Context, client *images.Client, host string) (err error) {
	dir, err := os.MkdirTemp("", "regctl-verify-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	made := filepath.Join(dir, "made")
	tag, err := randomImage(made, v.env.Rand)
	if err != nil {
		return err
	}
	ref, err := images.ParseRef(fmt.Sprintf("%s/%s:%s", host, v.repository, tag))
	if err != nil {
		return hint.BadUsage(err, hint.Of(err))
	}
	pushed, err := v.push(ctx, client, made, ref)
	if err = v.step("push", err, "%s, %s", ref.Name(), bytesOf(pushed)); err != nil {
		return err
	}
	failed := v.pull(ctx, client, made, filepath.Join(dir, "pulled"), ref)
	// the image is removed even if the pull fails
	if err := v.remove(ctx, client, ref.Context().Digest(pushed.Digest)); err != nil && failed == nil {
		failed = err
	}
	return failed
}

func bytesOf(r *images.Result) string {
	if r == nil {
		return ""
	}
	return cmdutil.HumanBytes(r.Size)
}

func (v *verification) push(ctx context.Context, client *images.Client, path string, ref name.Reference) (*images.Result, error) {
	archive, err := images.Open(ctx, path, nil, "")
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	img, err := archive.Choose("")
	if err != nil {
		return nil, err
	}
	return client.Push(ctx, img, ref)
}

func (v *verification) pull(ctx context.Context, client *images.Client, made, pulled string, ref name.Reference) error {
	_, err := client.Pull(ctx, ref, pulled, images.PullOptions{Format: images.OCI})
	if err = v.step("pull", err, "%s", ref.Name()); err != nil {
		return err
	}
	n, err := sameBlobs(made, pulled)
	return v.step("compare", err, "%d blobs are identical", n)
}

// remove deletes the image. A registry that disables deletion is not a failure.
func (v *verification) remove(ctx context.Context, client *images.Client, ref name.Digest) error {
	err := client.Delete(ctx, ref)
	if err != nil && strings.Contains(err.Error(), "deletion is disabled") {
		return v.step("remove", nil, "deletion is disabled, so %s stays in the registry", ref.Name())
	}
	return v.step("remove", err, "%s", ref.Name())
}

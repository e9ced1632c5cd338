package image

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/images"
)

// swapped is true where a reference was given in place of a path, and the path in place of the reference.
func swapped(path, ref string) bool {
	if _, err := os.Stat(path); err == nil || path == "-" {
		return false
	}
	if _, err := images.ParseRef(path); err != nil {
		return false
	}
	_, err := os.Stat(ref)
	return err == nil || ref == "-" || looksLikePath(ref)
}

func looksLikePath(s string) bool {
	return slices.ContainsFunc([]string{"/", "./", "../", "~/"}, func(p string) bool { return strings.HasPrefix(s, p) }) ||
		slices.ContainsFunc([]string{".tar", ".tgz", ".tar.gz", ".tar.zst"}, func(p string) bool { return strings.HasSuffix(s, p) })
}

// exchanged is the error of two arguments in the wrong order, with the line in which they are right.
func exchanged(env *cmdutil.Env, first, second, name string) error {
	args := slices.Clone(env.Args)
	i, j := slices.Index(args, first), slices.Index(args, second)
	if i < 0 || j < 0 {
		i, j, args = 0, 1, []string{first, second}
	}
	args[i], args[j] = second, first
	return hint.BadUsage(fmt.Errorf("%q and %q are in the wrong order: %s comes first", first, second, name), "regctl "+hint.Quote(args...))
}

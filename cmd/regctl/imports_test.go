package main

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

const module = "github.com/regctl/regctl/"

// onlyIn says which packages alone may import a library, by prefix.
func onlyIn() map[string][]string {
	return map[string][]string{
		"github.com/spf13/":                     {"internal/cli/", "internal/gen"},
		"github.com/distribution/distribution/": {"pkg/registry"},
		"github.com/aws/":                       {"pkg/objectstore"},
		"k8s.io/":                               {"internal/cluster/", "internal/cli/pipeline", "internal/cli/cmdutil", "internal/kubeconfig", "internal/survey", "internal/workload"},
		"github.com/google/go-containerregistry/pkg/crane": {},
		"k8s.io/client-go/kubernetes/typed":                {}, // +14 MB
	}
}

// layoutRow is a row of the table of packages in docs/project-layout.md.
var layoutRow = regexp.MustCompile("(?m)^\\| `([a-z0-9/]+)` \\| (.+) \\|$")

// TestImports keeps the direction in which the packages depend on each other: down the table of docs/project-layout.md.
func TestImports(t *testing.T) {
	page, err := os.ReadFile("../../docs/project-layout.md")
	require.NoError(t, err)
	place := map[string]int{}
	for i, row := range layoutRow.FindAllStringSubmatch(string(page), -1) {
		place[row[1]] = i + 1
	}
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedImports | packages.NeedDeps, Dir: "../.."}, "./...")
	require.NoError(t, err)
	require.Len(t, place, len(pkgs), "the table and the packages differ: make generate")
	for _, p := range pkgs {
		name := strings.TrimPrefix(p.PkgPath, module)
		require.NotZero(t, place[name], "%s is not in docs/project-layout.md: make generate", name)
		for path := range p.Imports {
			if inner, ours := strings.CutPrefix(path, module); ours {
				require.Greater(t, place[inner], place[name], "%s must not import %s", name, inner)
				requireInside(t, name, inner)
			}
			for lib, users := range onlyIn() {
				if strings.HasPrefix(path, lib) {
					require.True(t, below(users, name), "%s must not import %s", name, path)
				}
			}
		}
	}
	require.NotContains(t, slices.Collect(maps.Keys(everything(pkgs))), "k8s.io/client-go/kubernetes", "the typed clientset adds 14 MB")
}

// requireInside keeps the layers apart: no family of commands imports another, only the command tree knows of commands,
// and what other programs can import knows nothing of this one.
func requireInside(t *testing.T, name, inner string) {
	t.Helper()
	if strings.HasPrefix(inner, "internal/cli/") && strings.HasPrefix(name, "internal/cli/") {
		require.True(t, below([]string{"internal/cli/cmdutil", "internal/cli/connect", "internal/cli/pipeline"}, inner), "%s must not import %s", name, inner)
	}
	if strings.HasPrefix(inner, "internal/cli") {
		require.True(t, below([]string{"cmd/regctl", "internal/cli/", "internal/gen"}, name), "%s must not import %s", name, inner)
	}
	require.False(t, strings.HasPrefix(name, "pkg/") && strings.HasPrefix(inner, "internal/"), "%s must not import %s", name, inner)
}

// below tells whether a package is one of those named, or below one that ends with a slash.
func below(places []string, name string) bool {
	return slices.ContainsFunc(places, func(p string) bool {
		return name == strings.TrimSuffix(p, "/") || strings.HasSuffix(p, "/") && strings.HasPrefix(name, p)
	})
}

// everything is each package that ends up in the program.
func everything(pkgs []*packages.Package) map[string]bool {
	all := map[string]bool{}
	packages.Visit(pkgs, func(p *packages.Package) bool { all[p.PkgPath] = true; return true }, nil)
	return all
}

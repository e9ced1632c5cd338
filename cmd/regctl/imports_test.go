package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

const module = "github.com/regctl/regctl/"

// mayImport says which packages of this module each one may import, by prefix. One that is not listed here has no place yet.
func mayImport() map[string][]string {
	return map[string][]string{
		"cmd/regctl":                     {"internal/cli"},
		"internal/gen":                   {"internal/cli", "internal/cluster", "internal/cluster/", "internal/platform", "internal/platform/"},
		"internal/cli":                   {"internal/serve", "internal/platform", "internal/platform/", "internal/survey", "internal/oauth", "internal/discover", "internal/workload", "internal/secrets", "internal/serviceaccount", "internal/policy", "internal/cluster", "internal/cluster/", "internal/host", "internal/plan", "internal/printable", "pkg/"},
		"internal/platform":              {"internal/platform/settings", "internal/plan", "pkg/hint", "pkg/certs"},
		"internal/platform/settings":     {},
		"internal/platform/platformtest": {"internal/platform", "internal/plan", "pkg/hint"},
		"internal/platform/route":        {"internal/platform", "internal/cluster", "internal/cluster/", "pkg/hint"},
		"internal/platform/kube":         {"internal/platform", "internal/platform/settings", "internal/platform/route", "internal/workload", "internal/cluster", "internal/cluster/", "internal/plan", "pkg/hint", "pkg/certs"},
		"internal/platform/openshift3":   {"internal/platform", "internal/platform/settings", "internal/platform/kube", "internal/policy", "internal/cluster", "internal/cluster/", "internal/plan", "pkg/hint"},
		"internal/platform/openshift4":   {"internal/platform", "internal/platform/settings", "internal/platform/route", "internal/platform/kube", "internal/platform/openshift3", "internal/cluster", "internal/cluster/", "internal/plan", "pkg/hint", "pkg/trust", "pkg/certs"},
		"internal/platform/opensvc":      {"internal/platform", "internal/platform/settings", "internal/plan", "pkg/hint", "pkg/certs"},
		"internal/survey":                {"internal/platform", "internal/platform/settings", "internal/cluster", "internal/cluster/", "internal/plan", "pkg/hint", "pkg/certs"},
		"internal/oauth":                 {"pkg/hint"},
		"internal/discover":              {"internal/cluster", "internal/cluster/", "pkg/hint"},
		"internal/workload":              {"internal/cluster", "internal/cluster/", "pkg/hint"},
		"internal/secrets":               {"pkg/hint", "pkg/atomicfile"},
		"internal/serviceaccount":        {"internal/cluster", "internal/cluster/", "pkg/hint", "pkg/trust"},
		"internal/policy":                {"internal/cluster", "internal/cluster/", "internal/plan", "pkg/hint"},
		"internal/serve":                 {"pkg/"},
		"internal/cluster":               {"pkg/hint"},
		"internal/cluster/change":        {"internal/cluster", "internal/plan", "pkg/hint"},
		"internal/cluster/pods":          {"internal/cluster", "pkg/hint"},
		"internal/cluster/wait":          {"internal/cluster", "internal/cluster/", "internal/plan", "pkg/hint"},
		"internal/cluster/identity":      {"internal/cluster", "internal/kubeconfig", "pkg/hint", "pkg/certs"},
		"internal/kubeconfig":            {"pkg/hint", "pkg/atomicfile"},
		"internal/host":                  {"internal/plan", "pkg/hint", "pkg/atomicfile"},
		"internal/plan":                  {"pkg/hint"},
		"internal/printable":             {},
		"pkg/registry":                   {"pkg/hint", "pkg/atomicfile", "pkg/objectstore", "pkg/certs", "pkg/textfile"},
		"pkg/objectstore":                {"pkg/hint", "pkg/atomicfile", "pkg/certs"},
		"pkg/certs":                      {"pkg/hint", "pkg/atomicfile", "pkg/textfile"},
		"pkg/trust":                      {"pkg/hint", "pkg/certs", "pkg/textfile"},
		"pkg/credentials":                {"pkg/hint", "pkg/atomicfile", "pkg/loopback"},
		"pkg/images":                     {"pkg/hint", "pkg/loopback", "pkg/certs"},
		"pkg/atomicfile":                 {},
		"pkg/textfile":                   {},
		"pkg/loopback":                   {},
		"pkg/hint":                       {},
	}
}

// onlyIn says which packages alone may import a library, by prefix.
func onlyIn() map[string][]string {
	return map[string][]string{
		"github.com/spf13/":                     {"internal/cli", "internal/gen"},
		"github.com/distribution/distribution/": {"pkg/registry"},
		"github.com/aws/":                       {"pkg/objectstore"},
		"k8s.io/":                               {"internal/cluster", "internal/cluster/change", "internal/cluster/pods", "internal/cluster/wait", "internal/cluster/identity", "internal/kubeconfig", "internal/survey", "internal/workload"},
		"github.com/google/go-containerregistry/pkg/crane": {},
		"k8s.io/client-go/kubernetes/typed":                {}, // +14 MB
	}
}

// TestImports keeps the direction in which the packages depend on each other.
func TestImports(t *testing.T) {
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedImports | packages.NeedDeps, Dir: "../.."}, "./...")
	require.NoError(t, err)
	require.NotEmpty(t, pkgs)
	rules := mayImport()
	for _, p := range pkgs {
		name := strings.TrimPrefix(p.PkgPath, module)
		allowed, known := rules[name]
		require.True(t, known, "%s has no place in the layout: add it to mayImport and to docs/project-layout.md", name)
		for path := range p.Imports {
			if inner, ours := strings.CutPrefix(path, module); ours {
				require.True(t, hasPrefix(allowed, inner), "%s must not import %s", name, inner)
			}
			for lib, users := range onlyIn() {
				if strings.HasPrefix(path, lib) {
					require.True(t, hasPrefix(users, name), "%s must not import %s", name, path)
				}
			}
		}
	}
	require.NotContains(t, slices.Collect(maps.Keys(everything(pkgs))), "k8s.io/client-go/kubernetes", "the typed clientset adds 14 MB")
}

func hasPrefix(prefixes []string, s string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return s == p || strings.HasSuffix(p, "/") && strings.HasPrefix(s, p) })
}

// everything is each package that ends up in the program.
func everything(pkgs []*packages.Package) map[string]bool {
	all := map[string]bool{}
	packages.Visit(pkgs, func(p *packages.Package) bool { all[p.PkgPath] = true; return true }, nil)
	return all
}

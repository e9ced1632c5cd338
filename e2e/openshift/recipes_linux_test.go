package openshift

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/regctl/regctl/e2e/cluster/openshift"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

// recipes is the folder of the scripts that are old recipes, word by word.
const recipes = "../../testdata/recipes"

// TestAPIRecipesThree runs the recipes for OpenShift 3 and OpenSVC.
func TestAPIRecipesThree(t *testing.T) {
	c := start(t, openshift.Three())
	p := params(c, "")
	p.Files = recipeFiles(t, "00[0-3]-*.txtar")
	p.Cmds["registry"], p.Cmds["registry-plain"] = registry, registryPlain // registry_linux_test.go
	testscript.Run(t, p)
}

// TestAPIRecipesFour runs those for OpenShift 4.
func TestAPIRecipesFour(t *testing.T) {
	c := start(t, openshift.Four())
	p := params(c, "")
	p.Files = recipeFiles(t, "004-*.txtar")
	p.Cmds["registry"] = registry
	testscript.RunT(inTurn{t}, p)
}

// rows are what recipes ask for, step by step; "# row 4: …" in a script says that what follows, up to
// the next comment, shows the fourth. docs/recipes.md has them too.
func rows() []string {
	return []string{
		"a deployment: names, labels and port of old; a second one changes nothing",
		"node selector, the node's directory, and the constraint of privileged pods",
		"a claim or NFS in the place of the storage, mounted",
		"clients stay with one pod",
		"a server certificate: names, addresses, chain, mode of the key, serial",
		"a secret, linked to the service account; again: nothing",
		"mount and variables, TLS on, probes by HTTPS",
		"the CA where docker and podman look for it, for each name",
		"a route that passes TLS through",
		"a login with a token; names with a colon; -e",
		"a push as host/project/name, and its image stream",
		"what the storage holds, without a shell on the node",
		"OpenShift 4: the host by the route, and the roles for a push",
		"OpenSVC: service and credentials, of both generations of agents",
		"S3, and the entry of a registry that is not checked",
	}
}

// onNodes are the rows that need pods that run: the script of e2e/node, and a line of it.
func onNodes() map[int][2]string {
	return map[int][2]string{
		7:  {"../node/testdata/three/tls.txtar", "listening on :5000, tls"},
		12: {"../node/testdata/registry-looks.txtar", "exec regctl registry ls --storage"},
	}
}

// TestAPIRecipeRows: each row is shown by a script, and docs/recipes.md tells of it.
func TestAPIRecipeRows(t *testing.T) {
	shown := map[int]bool{}
	for _, file := range recipeFiles(t, "*.txtar") {
		for _, block := range strings.Split(read(t, file), "\n# ") {
			head, body, _ := strings.Cut(block, "\n")
			found := regexp.MustCompile(`\brow (\d+)\b`).FindAllStringSubmatch(head, -1)
			checks := regexp.MustCompile(`(?m)^(! )?(stdout|stderr|exists|grep|status) `).MatchString(body)
			for _, row := range found {
				n, err := strconv.Atoi(row[1])
				require.NoError(t, err)
				require.LessOrEqual(t, n, len(rows()), "%s: %s", file, head)
				shown[n] = shown[n] || checks
			}
		}
	}
	page := read(t, "../../docs/recipes.md")
	for i, what := range rows() {
		require.True(t, shown[i+1], "no recipe shows row %d: %s", i+1, what)
		require.Contains(t, page, "| "+strconv.Itoa(i+1)+" | "+what+" |")
	}
	for n, at := range onNodes() {
		require.Contains(t, read(t, at[0]), at[1], "row %d", n)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(data)
}

func recipeFiles(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(recipes, pattern))
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}

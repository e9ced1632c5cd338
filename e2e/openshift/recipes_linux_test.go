package openshift

import (
	"path/filepath"
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
	p.Cmds["registry"] = registry // registry_linux_test.go
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

func recipeFiles(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(recipes, pattern))
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}

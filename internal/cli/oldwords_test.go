package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/stretchr/testify/require"
)

func TestOwnWordsAreWhatRegctlHasBehindWordsOfOC(t *testing.T) {
	root := Root(&cmdutil.Env{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}, Lookup: func(string) (string, bool) { return "", false }})
	for line, want := range map[string]string{
		"adm registry --images=x":                        "registry --images=x",
		"oadm registry":                                  "registry",
		"oc adm policy add-scc-to-user x -z y":           "policy add-scc-to-user x -z y",
		"oadm policy add-role-to-user view a":            "policy add-role-to-user view a",
		"oc adm ca create-server-cert":                   "ca create-server-cert",
		"oc volume dc/x --add":                           "volume dc/x --add",
		"oc set volumes dc/x":                            "volumes dc/x",
		"oc set env dc x A=b":                            "env dc x A=b",
		"set env dc/x A=b":                               "env dc/x A=b",
		"oc login":                                       "login",
		"oc create route edge --service=x":               "create route edge --service=x",
		"oc -n web set volume dc/x":                      "-n web volume dc/x",
		"oadm --config=admin.kubeconfig registry --type": "--config=admin.kubeconfig registry --type",
		"oc get is":                                      "oc get is",
		"oadm router":                                    "oadm router",
		"adm router":                                     "adm router",
		"set image dc/x r=y":                             "set image dc/x r=y",
		"oc set image dc/x":                              "set image dc/x",
		"oc":                                             "oc",
		"set":                                            "set",
		"env set dc/x A=b":                               "env set dc/x A=b",
		"login oc":                                       "login oc",
	} {
		require.Equal(t, strings.Fields(want), ownWords(root, strings.Fields(line)), line)
	}
	require.Empty(t, ownWords(root, nil))
}

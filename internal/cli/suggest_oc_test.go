package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/stretchr/testify/require"
)

func TestInsteadOfTheWordsOfOC(t *testing.T) {
	for line, want := range map[string]string{
		"get is -n myphp":                                "regctl imagestreams list -n myphp",
		"get imagestreams app -n test":                   "regctl imagestreams list -n test",
		"-n x get is":                                    "regctl imagestreams list -n x",
		"get pods":                                       "kubectl get pods",
		"get se docker-registry":                         "kubectl get svc docker-registry",
		"get -o yaml svc docker-registry":                "kubectl get -o yaml svc docker-registry",
		"replace -f -":                                   "kubectl replace -f -",
		"create -n default -f -":                         "kubectl create -n default -f -",
		"edit scc privileged":                            "regctl policy add-scc-to-user privileged -z SERVICE-ACCOUNT",
		"logs docker-registry-3-yqy8v":                   "regctl registry logs",
		"logs -f mirror-registry-1-yqy8v -n in":          "regctl registry logs mirror-registry --follow -n in",
		"logs dc/docker-registry":                        "regctl registry logs",
		"logs router-1-vhjdc":                            "kubectl logs router-1-vhjdc",
		"exec docker-registry-1-aaaaa -- find /registry": "regctl registry ls --storage",
		"project": "oc project",
		"patch configs.imageregistry.operator.openshift.io/cluster -p {\"spec\":{\"defaultRoute\":true}}": "regctl expose",
		"adm router":         "oc adm router",
		"oc":                 "regctl --help",
		"set image dc/x r=y": "kubectl set image dc/x r=y",
		"-n openshift-image-registry get route default-route -o jsonpath={.spec.host}": "kubectl get -n openshift-image-registry route default-route -o 'jsonpath={.spec.host}'",
	} {
		var out, said bytes.Buffer
		code := Main(t.Context(), append([]string{"regctl"}, strings.Fields(line)...), &cmdutil.Env{Out: &out, Err: &said, Lookup: func(string) (string, bool) { return "", false }})
		require.Equal(t, hint.Usage, code, line)
		require.Contains(t, said.String(), "\nhint: "+want+"\n", line)
		require.Empty(t, out.String(), line)
	}
}

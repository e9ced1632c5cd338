package wait

import (
	"errors"
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/stretchr/testify/require"
)

func TestRouteRollout(t *testing.T) {
	const kind = `{"kind":"Route","apiVersion":"route.openshift.io/v1",`
	refused := Rollout{State: "the router default: HostAlreadyClaimed: route x already exposes a.example.com", Failed: "not admitted"}
	const no = `{"host":"a.example.com","routerName":"default","conditions":[{"type":"Admitted","status":"False","reason":"HostAlreadyClaimed","message":"route x already exposes a.example.com"}]}`
	const yes = `{"host":"a.example.com","routerName":"other","conditions":[{"type":"Admitted","status":"True"}]}`
	for text, want := range map[string]Rollout{
		kind + `"spec":{}}`: {State: "no router has taken it up yet"},
		kind + `"spec":{"host":"a.example.com"},"status":{"ingress":[` + no + `]}}`:             refused,
		kind + `"spec":{"host":"a.example.com"},"status":{"ingress":[` + no + `,` + yes + `]}}`: {Done: true, State: "admitted as a.example.com"},
		kind + `"spec":{"host":"a.example.com"},"status":{"ingress":[` + yes + `,` + no + `]}}`: {Done: true, State: "admitted as a.example.com"},
		kind + `"spec":{"host":"b.example.com"},"status":{"ingress":[` + yes + `]}}`:            {State: "no router has taken it up yet"}, // of the host that it had
		kind + `"spec":{"host":"b.example.com"},"status":{"ingress":[` + no + `]}}`:             {State: "no router has taken it up yet"},
	} {
		got, err := RolloutOf(live(t, text))
		require.NoError(t, err)
		require.Equal(t, want, got, text)
	}
}

func TestCustomHost(t *testing.T) {
	c := &cluster.Client{Namespace: "web"}
	for text, advice := range map[string]string{
		`Route "r" is invalid: spec.host: Forbidden: you do not have permission to set the host field of the route`:    "regctl policy add-role-to-user edit USER -n web",
		`Route "r" is invalid: spec.tls: Forbidden: you do not have permission to set certificate fields on the route`: "regctl policy add-role-to-user edit USER -n web",
		`Route "r" is invalid: spec.host: Invalid value: "b.example.com": field is immutable`:                          "oc delete route r -n web",
	} {
		err := c.ExplainCustomHost("route.route.openshift.io/r", errors.New(text))
		require.ErrorContains(t, err, "routes/custom-host (route.openshift.io) in namespace web")
		require.Contains(t, hint.Of(err), advice)
		require.Equal(t, hint.Denied, hint.CodeOf(err))
	}
	require.NoError(t, c.ExplainCustomHost("service/r", errors.New(`spec.clusterIP: Invalid value: "": field is immutable`)))
}

func TestKeysOfRoutesAreHidden(t *testing.T) {
	const one, two = `{"kind":"Route","spec":{"tls":{"certificate":"c","key":"one"}}}`, `{"kind":"Route","spec":{"tls":{"key":"two"}}}`
	diff := func(live, want string) (shownLive, shownWant []byte) {
		r := plan.Result{Want: []byte(want)}
		if live != "" {
			r.Live = []byte(live)
		}
		v := (&change.Apply{Object: &cluster.Object{}}).View(r)
		return v.DiffLive, v.DiffWant
	}
	live, want := diff(one, two)
	require.JSONEq(t, `{"kind":"Route","spec":{"tls":{"certificate":"c","key":"*** (hidden)"}}}`, string(live))
	require.JSONEq(t, `{"kind":"Route","spec":{"tls":{"key":"*** (hidden, differs)"}}}`, string(want))
	live, want = diff("", one)
	require.Nil(t, live)
	require.JSONEq(t, `{"kind":"Route","spec":{"tls":{"certificate":"c","key":"*** (hidden)"}}}`, string(want))
	_, want = diff("", `{"kind":"Service","spec":{"tls":{"key":"one"}}}`)
	require.JSONEq(t, `{"kind":"Service","spec":{"tls":{"key":"one"}}}`, string(want))
}

package plan_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/regctl/regctl/internal/plan"
	"github.com/stretchr/testify/require"
)

// object is a Change in memory.
type object struct {
	name       string
	live, want []byte
	err        error
	applied    int
	asked      []bool
}

func (o *object) String() string                       { return o.name }
func (o *object) Live(context.Context) ([]byte, error) { return o.live, nil }
func (o *object) Want(_ context.Context, server bool) ([]byte, error) {
	o.asked = append(o.asked, server)
	return o.want, o.err
}
func (o *object) Apply(context.Context) error { o.applied++; o.live = o.want; return nil }

func four() []plan.Change {
	return []plan.Change{
		&object{name: "secret/new", want: []byte(`{"a":1}`)},
		&object{name: "secret/other", live: []byte(`{"a":1}`), want: []byte(`{"a":2}`)},
		&object{name: "secret/same", live: []byte(`{"a":1}`), want: []byte(`{"a":1}`)},
		&object{name: "secret/old", live: []byte(`{"a":1}`)},
	}
}

func TestRunMakesEachChangeOnce(t *testing.T) {
	var out bytes.Buffer
	changes := four()
	_, err := plan.Runner{Out: &out}.Run(t.Context(), changes)
	require.NoError(t, err)
	require.Equal(t, "secret/new created\nsecret/other configured\nsecret/same unchanged\nsecret/old removed\n", out.String())
	for i, times := range []int{1, 1, 0, 1} {
		require.Equal(t, times, changes[i].(*object).applied)
	}
	out.Reset()
	_, err = plan.Runner{Out: &out}.Run(t.Context(), changes)
	require.NoError(t, err)
	require.Equal(t, "secret/new unchanged\nsecret/other unchanged\nsecret/same unchanged\nsecret/old unchanged\n", out.String())
}

func TestDryRunChangesNothing(t *testing.T) {
	for dry, word := range map[plan.DryRun]string{plan.Client: "(dry run)", plan.Server: "(server dry run)"} {
		var out bytes.Buffer
		changes := four()
		_, err := plan.Runner{Out: &out, DryRun: dry, Diff: true}.Run(t.Context(), changes)
		require.NoError(t, err)
		require.Contains(t, out.String(), "secret/other configured "+word+"\n")
		require.Contains(t, out.String(), "-{\"a\":1}\n")
		for _, c := range changes {
			require.Zero(t, c.(*object).applied)
			require.Equal(t, []bool{dry == plan.Server}, c.(*object).asked)
		}
	}
}

func TestOneThatFailsStopsAllBeforeTheFirst(t *testing.T) {
	changes := append(four(), &object{name: "secret/bad", err: errors.New("no certificate in it")})
	_, err := plan.Runner{Out: &bytes.Buffer{}}.Run(t.Context(), changes)
	require.EqualError(t, err, "secret/bad: no certificate in it")
	for _, c := range changes {
		require.Zero(t, c.(*object).applied)
	}
}

func TestOutputOfNamesAndDocuments(t *testing.T) {
	var out bytes.Buffer
	_, err := plan.Runner{Out: &out, Output: "name"}.Run(t.Context(), four())
	require.NoError(t, err)
	require.Equal(t, "secret/new\nsecret/other\nsecret/same\nsecret/old\n", out.String())

	out.Reset()
	print := func(format string, docs []any) error {
		b, err := json.Marshal(docs)
		fmt.Fprintf(&out, "%s %s", format, b)
		return err
	}
	_, err = plan.Runner{Out: &out, Output: "json", Print: print}.Run(t.Context(), four())
	require.NoError(t, err)
	require.Equal(t, `json [{"a":1},{"a":2},{"a":1}]`, out.String(), "what is to be absent has no document")
}

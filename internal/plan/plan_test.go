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
	changes := append(four(), &object{name: "secret/bad", err: errors.New("no certificate found")})
	_, err := plan.Runner{Out: &bytes.Buffer{}}.Run(t.Context(), changes)
	require.EqualError(t, err, "secret/bad: no certificate found")
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
	print := func(docs []any) error {
		b, err := json.Marshal(docs)
		fmt.Fprintf(&out, "json %s", b)
		return err
	}
	_, err = plan.Runner{Out: &out, Output: "json", Print: print}.Run(t.Context(), four())
	require.NoError(t, err)
	require.Equal(t, `json [{"a":1},{"a":2},{"a":1}]`, out.String(), "what is to be absent has no document")
}

// shown is a change with a view of its own.
type shown struct {
	*object
	view func(r plan.Result) plan.View
}

func (s shown) View(r plan.Result) plan.View { return s.view(r) }

func TestViewsAreShownInsteadOfTheChange(t *testing.T) {
	secret := func(note string, document any, hidden bool) plan.Change {
		return shown{&object{name: "secret/s", live: []byte("{\"a\":1}\n"), want: []byte("{\"a\":2}\n")}, func(r plan.Result) plan.View {
			return plan.View{Name: "v1/secret/s", Live: []byte("{\"a\":\"-\"}\n"), Want: []byte("{\"a\":\"+\"}\n"), DiffLive: r.Live, Document: document, Hidden: hidden, Note: note}
		}}
	}
	run := func(r plan.Runner, changes ...plan.Change) (out string, said []string) {
		var b bytes.Buffer
		r.Out = &b
		r.Say = func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
		r.Print = func(docs []any) error { return json.NewEncoder(&b).Encode(docs) }
		_, err := r.Run(t.Context(), changes)
		require.NoError(t, err)
		return b.String(), said
	}
	out, said := run(plan.Runner{Output: "name"}, secret("100% done", nil, false))
	require.Equal(t, "v1/secret/s\n", out)
	require.Equal(t, []string{"100% done"}, said)
	out, said = run(plan.Runner{Output: "name", DryRun: plan.Client}, secret("done", nil, false))
	require.Equal(t, "v1/secret/s\n", out)
	require.Empty(t, said, "nothing was done")
	_, said = run(plan.Runner{}, secret("", nil, false), shown{&object{live: []byte("a"), want: []byte("a")}, func(plan.Result) plan.View { return plan.View{Note: "done"} }})
	require.Empty(t, said, "one has nothing to say, and one was as it is to be")

	out, _ = run(plan.Runner{Output: "json"}, secret("", nil, false), secret("", "a document", false), secret("", "a document", true))
	require.JSONEq(t, `[{"a":"+"},"a document"]`, out)
	out, _ = run(plan.Runner{Output: "yaml"}, secret("", nil, true))
	require.JSONEq(t, `[]`, out)

	out, _ = run(plan.Runner{Diff: true}, secret("", nil, false))
	require.Contains(t, out, "-{\"a\":1}\n", "a diff has a view of its own")
	out, _ = run(plan.Runner{Diff: true, Output: "name"}, secret("", nil, false))
	require.NotContains(t, out, "{", "no diff beside -o")
	out, _ = run(plan.Runner{Diff: true, Quiet: true, Text: bytes.ToUpper}, shown{&object{name: "secret/s", want: []byte("b\n")}, func(plan.Result) plan.View { return plan.View{Want: []byte("shown\n")} }})
	require.Equal(t, "--- secret/s\n+++ secret/s\n@@ -0,0 +1,1 @@\n+SHOWN\n", out)
}

func TestDiffsOfFilesAreAsGitWritesThem(t *testing.T) {
	for want, c := range map[string]*object{
		"--- /dev/null\n+++ b/etc/f\n": {name: "/etc/f", want: []byte("x\n")},
		"--- a/etc/f\n+++ /dev/null\n": {name: "/etc/f", live: []byte("x\n")},
		"--- a/etc/f\n+++ b/etc/f\n":   {name: "/etc/f", live: []byte("x\n"), want: []byte("y\n")},
	} {
		var out bytes.Buffer
		_, err := plan.Runner{Out: &out, Diff: true, Quiet: true}.Run(t.Context(), []plan.Change{c})
		require.NoError(t, err)
		require.Contains(t, out.String(), want)
	}
}

// failing is a change that cannot be read, or made.
type failing struct {
	*object
	live, apply error
}

func (f failing) Live(context.Context) ([]byte, error) { return nil, f.live }
func (f failing) Apply(context.Context) error          { return f.apply }

func TestErrorsNameTheChangeOnce(t *testing.T) {
	bad, named := errors.New("no"), errors.New("secret/s: no")
	for _, c := range []plan.Change{
		failing{&object{name: "secret/s"}, bad, nil}, failing{&object{name: "secret/s"}, named, nil},
		failing{&object{name: "secret/s", want: []byte("x")}, nil, bad}, failing{&object{name: "secret/s", want: []byte("x")}, nil, named},
	} {
		done, err := plan.Runner{Out: &bytes.Buffer{}}.Run(t.Context(), []plan.Change{&object{name: "secret/first", want: []byte("x")}, c})
		require.EqualError(t, err, "secret/s: no")
		require.LessOrEqual(t, len(done), 1, "what was done before it")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	first := &object{name: "secret/first", want: []byte("x")}
	_, err := plan.Runner{Out: &bytes.Buffer{}}.Run(ctx, []plan.Change{first})
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, first.applied, "an interrupt stops it before the next one")
}

package plan

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// Runner prints, compares or carries out changes.
type Runner struct {
	Out    io.Writer // data: a line, a diff or a document per change
	DryRun DryRun    // "" is None
	Diff   bool      // print a unified diff of each change
	Output string    // "": a line per change; name; anything else is printed by Print
	Quiet  bool      // no line per change

	Text  func(document []byte) []byte     // a document as a diff shows it; nil: as it is
	Say   func(format string, args ...any) // talk; nil: none
	Print func(documents []any) error      // for every other Output
}

// Run does it. Everything is compared before the first change is made, so that
// what cannot be read or is wrong stops the run while nothing has been touched.
func (r Runner) Run(ctx context.Context, changes []Change) ([]Result, error) {
	results, err := Compare(ctx, changes, r.DryRun == Server)
	if err != nil {
		return nil, err
	}
	for i, res := range results {
		if err := r.one(ctx, res); err != nil {
			return results[:i], err
		}
	}
	return results, r.documents(results)
}

func (r Runner) one(ctx context.Context, res Result) error {
	r.diff(res)
	if !r.dry() && res.Action != Unchanged {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := res.Change.Apply(ctx); err != nil {
			return prefixName(res.Change, err)
		}
	}
	r.line(res)
	if note := res.view().Note; note != "" && !r.dry() && res.Action != Unchanged && r.Say != nil {
		r.Say("%s", note)
	}
	return nil
}

func (r Runner) dry() bool { return r.DryRun != "" && r.DryRun != None }

func (r Runner) line(res Result) {
	switch {
	case r.Output == "name":
		fmt.Fprintln(r.Out, res.view().Name)
	case r.Output != "" || r.Quiet:
	case r.DryRun == Server:
		fmt.Fprintf(r.Out, "%s %s (server dry run)\n", res.Change, res.Action)
	case r.dry():
		fmt.Fprintf(r.Out, "%s %s (dry run)\n", res.Change, res.Action)
	default:
		fmt.Fprintf(r.Out, "%s %s\n", res.Change, res.Action)
	}
}

func (r Runner) diff(res Result) {
	if !r.Diff || r.Output != "" || res.Action == Unchanged {
		return
	}
	view := res.view()
	live, want := view.DiffLive, view.DiffWant
	if r.Text != nil {
		live, want = r.Text(live), r.Text(want)
	}
	before, after := sides(res)
	_, text, _ := bytes.Cut(diff.Diff(before, live, after, want), []byte("\n")) // less the line "diff NAME NAME"
	_, _ = r.Out.Write(text)
}

// sides are the names of both sides of a diff: of a file as git writes them, so that
// "patch -p1" in the root directory does the same.
func sides(res Result) (before, after string) {
	name := res.Change.String()
	if !strings.HasPrefix(name, "/") {
		return name, name
	}
	before, after = "a"+name, "b"+name
	switch res.Action {
	case Created:
		before = "/dev/null"
	case Removed:
		after = "/dev/null"
	}
	return before, after
}

// documents prints what is wanted as -o json or yaml. What is to be absent has no
// document, unless the change has one for it.
func (r Runner) documents(results []Result) error {
	if r.Output == "" || r.Output == "name" {
		return nil
	}
	docs := []any{}
	for _, res := range results {
		switch v := res.view(); {
		case v.Hidden:
		case v.Document != nil:
			docs = append(docs, v.Document)
		case v.Want != nil:
			docs = append(docs, json.RawMessage(v.Want))
		}
	}
	return r.Print(docs)
}

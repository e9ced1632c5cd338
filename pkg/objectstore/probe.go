package objectstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go/aws/endpoints"
	"github.com/aws/aws-sdk-go/service/s3"
	"github.com/regctl/regctl/pkg/hint"
)

// What came of an operation.
const (
	OK      = "ok"
	Refused = "denied"
	Failed  = "failed"
	Skipped = "skipped" // it cannot be tried, since one before it was refused
)

// Result is what came of one operation.
type Result struct {
	Operation string `json:"operation"`     // of S3's API: PutObject
	Action    string `json:"action"`        // the permission that it needs: s3:PutObject
	Result    string `json:"result"`        // OK, Refused, Failed or Skipped
	Why       string `json:"why,omitempty"` // what the server said
}

// Report is what came of a probe.
type Report struct {
	Bucket     string   `json:"bucket"`
	Prefix     string   `json:"prefix"`
	Operations []Result `json:"operations"`
	Denied     []string `json:"denied"` // the permissions that are missing
	Left       []string `json:"left"`   // what of the probe could not be removed: keys of the bucket
}

// Probe tries what a registry does with a bucket on keys of its own, and removes them.
type Probe struct {
	Bucket   Bucket
	Access   Access
	Name     string // a folder below the bucket's prefix that nobody else uses
	ReadOnly bool   // try what pulls need alone
	Command  string // that is being run, for advice

	s3     *s3.S3
	report Report
	traces traces
	put    bool // an object of the probe is there
	listed bool
}

// cleanup is how long the removal of the probe's keys may take, also after an interrupt.
const cleanup = 20 * time.Second

// Run makes the probe. Its error is one of the way to the bucket, or of permissions
// that are missing, in which case the report is whole.
func (p *Probe) Run(ctx context.Context) (report Report, err error) {
	p.report = Report{Bucket: p.Bucket.Name, Prefix: p.Bucket.Prefix, Operations: []Result{}, Denied: []string{}, Left: []string{}}
	p.traces = traces{objects: map[string]bool{}, uploads: map[string]string{}}
	if err := p.open(); err != nil {
		return p.report, err
	}
	if err := p.list(ctx); err != nil {
		return p.report, err
	}
	if p.ReadOnly {
		p.read(ctx)
		return p.report, p.verdict(ctx)
	}
	defer func() {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanup)
		defer cancel()
		p.clean(limited)
		report = p.report
	}()
	for _, step := range []func(context.Context){p.write, p.read, p.upload, p.copies, p.abort, p.delete} {
		if ctx.Err() == nil {
			step(ctx)
		}
	}
	return p.report, p.verdict(ctx)
}

func (p *Probe) open() (err error) {
	if p.Bucket.V2 {
		return hint.BadUsage(fmt.Errorf("%s: signatures of version 2 cannot be checked", p.Bucket), "remove v4auth=false, or start the registry to see")
	}
	if p.Bucket.Endpoint == "" && !slices.ContainsFunc(endpoints.DefaultPartitions(), p.has) {
		return p.Bucket.UnknownRegion()
	}
	p.s3, err = p.Bucket.client(p.Access)
	return err
}

func (p *Probe) has(part endpoints.Partition) bool {
	_, known := part.Regions()[p.Bucket.Region]
	return known
}

// did notes what came of an operation. fine are codes of S3 that mean the user may do it.
func (p *Probe) did(operation, action string, err error, fine ...string) bool {
	r := Result{Operation: operation, Action: action, Result: OK}
	if err != nil {
		code, cause := Cause(err)
		switch {
		case slices.Contains(fine, code):
		case Denied(code):
			r.Result, r.Why = Refused, cause.Error()
			r.Action = namedAction(cause, action)
		default:
			r.Result, r.Why = Failed, cause.Error()
		}
	}
	p.report.Operations = append(p.report.Operations, r)
	if r.Result == Refused && !slices.Contains(p.report.Denied, r.Action) {
		p.report.Denied = append(p.report.Denied, r.Action)
	}
	return r.Result == OK
}

// namedAction is the action that Amazon names when it refuses: that of a key, maybe.
func namedAction(err error, otherwise string) string {
	_, after, found := strings.Cut(err.Error(), "not authorized to perform: ")
	if action, _, _ := strings.Cut(after, " "); found && strings.Contains(action, ":") {
		return action
	}
	return otherwise
}

func (p *Probe) skip(action, why string, operations ...string) {
	for _, operation := range operations {
		p.report.Operations = append(p.report.Operations, Result{Operation: operation, Action: action, Result: Skipped, Why: why})
	}
}

// verdict is the error of a probe that did not pass.
func (p *Probe) verdict(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(p.report.Denied) > 0 {
		return hint.NotAllowed(fmt.Errorf("%s: refused: %s", p.Bucket, strings.Join(p.report.Denied, ", ")), p.Bucket.PolicyCommand(p.ReadOnly)+", and attach the policy to the user of these keys")
	}
	for _, r := range p.report.Operations {
		if r.Result == Failed {
			return hint.Errorf("check the log of the S3 server", "%s: %s: %s", p.Bucket, r.Operation, r.Why)
		}
	}
	return nil
}

func (p *Probe) key(name string) string { return p.Bucket.Key(p.Name + "/" + name) }

package objectstore

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/awserr"
	"github.com/aws/aws-sdk-go/service/s3"
)

// traces are what a probe has made and not removed yet.
type traces struct {
	objects map[string]bool
	uploads map[string]string // their names and ids
}

// made notes an object that may be there from now on, whatever the answer will be; refused takes that back.
func (t *traces) made(name string) { t.objects[name] = true }

func (t *traces) refused(name string, err error) {
	if err == nil {
		return
	}
	if code, _ := Cause(err); Denied(code) {
		delete(t.objects, name)
	}
}

// delete removes the probe's objects, by the one call that the driver uses. What is
// not there is not refused either.
func (p *Probe) delete(ctx context.Context) {
	names := slices.Sorted(maps.Keys(p.traces.objects))
	if len(names) == 0 {
		names = []string{small}
	}
	err := p.remove(ctx, names)
	if p.did("DeleteObjects", "s3:DeleteObject", err) {
		clear(p.traces.objects)
	}
}

func (p *Probe) remove(ctx context.Context, names []string) error {
	var all []*s3.ObjectIdentifier
	for _, name := range names {
		all = append(all, &s3.ObjectIdentifier{Key: aws.String(p.key(name))})
	}
	gone, err := p.s3.DeleteObjectsWithContext(ctx, &s3.DeleteObjectsInput{Bucket: &p.Bucket.Name, Delete: &s3.Delete{Objects: all, Quiet: aws.Bool(false)}})
	if err == nil && len(gone.Errors) > 0 { // which the SDK does not take for an error
		first := gone.Errors[0]
		err = awserr.New(aws.StringValue(first.Code), aws.StringValue(first.Message), nil)
	}
	return err
}

// clean removes what is left of the probe, by whatever way is open. What stays is noted.
func (p *Probe) clean(ctx context.Context) {
	p.unnoticed(ctx)
	for _, name := range slices.Sorted(maps.Keys(p.traces.uploads)) {
		p.end(ctx, name, aws.String(p.traces.uploads[name]))
	}
	if len(p.traces.objects) == 0 {
		return
	}
	names := slices.Sorted(maps.Keys(p.traces.objects))
	if p.remove(ctx, names) != nil {
		for _, name := range names {
			p.report.Left = append(p.report.Left, p.key(name))
		}
	}
}

// unnoticed finds uploads whose beginning was interrupted: nobody has heard their id.
func (p *Probe) unnoticed(ctx context.Context) {
	if !p.put {
		return
	}
	found, err := p.s3.ListMultipartUploadsWithContext(ctx, &s3.ListMultipartUploadsInput{Bucket: &p.Bucket.Name, Prefix: aws.String(p.key(""))})
	if err != nil {
		return // then those that are known are all
	}
	for _, up := range found.Uploads {
		name, own := strings.CutPrefix(aws.StringValue(up.Key), p.key(""))
		if own && p.traces.uploads[name] == "" { // a server that heeds no prefix lists everybody's
			p.traces.uploads[name] = aws.StringValue(up.UploadId)
		}
	}
}

// end aborts an upload. One that may not be aborted is completed, and deleted as an object.
func (p *Probe) end(ctx context.Context, name string, id *string) {
	key := aws.String(p.key(name))
	_, err := p.s3.AbortMultipartUploadWithContext(ctx, &s3.AbortMultipartUploadInput{Bucket: &p.Bucket.Name, Key: key, UploadId: id})
	if err == nil {
		return
	}
	part, err := p.s3.UploadPartWithContext(ctx, p.onePart(name, id))
	if err == nil {
		_, err = p.s3.CompleteMultipartUploadWithContext(ctx, p.completion(name, id, part.ETag))
	}
	if err != nil {
		p.report.Left = append(p.report.Left, p.key(name)+" (an upload that was not completed)")
		return
	}
	p.traces.made(name)
}

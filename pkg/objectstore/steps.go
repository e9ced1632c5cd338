package objectstore

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/service/s3"
)

// names of the probe's objects
const (
	small  = "put"
	big    = "upload"
	copied = "copy"
	parts  = "copy-in-parts"
	broken = "broken-off"
)

func content() []byte { return []byte("regctl storage check\n") }

// list is the first operation: what fails here other than by a missing permission
// is of the way to the bucket.
func (p *Probe) list(ctx context.Context) error {
	_, err := p.s3.ListObjectsV2WithContext(ctx, &s3.ListObjectsV2Input{
		Bucket: &p.Bucket.Name, Prefix: aws.String(p.Bucket.Key("")), MaxKeys: aws.Int64(1),
	})
	if code, _ := Cause(err); err != nil && !Denied(code) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return p.Bucket.Explain(err, p.Command)
	}
	p.listed = p.did("ListObjectsV2", "s3:ListBucket", err)
	return nil
}

func (p *Probe) write(ctx context.Context) {
	p.traces.made(small)
	_, err := p.s3.PutObjectWithContext(ctx, &s3.PutObjectInput{
		Bucket: &p.Bucket.Name, Key: aws.String(p.key(small)), Body: bytes.NewReader(content()), ContentType: aws.String("application/octet-stream"),
		ACL: p.acl(), ServerSideEncryption: p.encryption(), SSEKMSKeyId: p.keyID(), StorageClass: p.class(),
	})
	p.traces.refused(small, err)
	p.put = p.did("PutObject", "s3:PutObject", err)
}

// read reads the object that was put. Where none could be, that it is missing tells
// that it might be read: but only to who may list.
func (p *Probe) read(ctx context.Context) {
	if !p.put && !p.listed {
		p.skip("s3:GetObject", "there is no object to read", "GetObject")
		return
	}
	key := aws.String(p.key(small))
	for _, part := range []*string{nil, aws.String("bytes=7-")} {
		got, err := p.s3.GetObjectWithContext(ctx, &s3.GetObjectInput{Bucket: &p.Bucket.Name, Key: key, Range: part})
		if err == nil {
			err = compare(got.Body, part != nil)
		}
		if !p.did("GetObject", "s3:GetObject", err, p.absent("NoSuchKey")...) {
			return
		}
	}
	_, err := p.s3.HeadObjectWithContext(ctx, &s3.HeadObjectInput{Bucket: &p.Bucket.Name, Key: key})
	p.did("HeadObject", "s3:GetObject", err, p.absent("NotFound")...)
}

// absent are the codes for what is missing, which are no failure where it could not be made.
func (p *Probe) absent(codes ...string) []string {
	if p.put {
		return nil
	}
	return codes
}

func compare(body io.ReadCloser, part bool) error {
	defer body.Close()
	want := content()
	if part {
		want = want[7:]
	}
	got, err := io.ReadAll(io.LimitReader(body, 1<<10))
	if err == nil && !bytes.Equal(got, want) {
		err = errors.New("other bytes came back than were put")
	}
	return err
}

// upload stores an object as pushes do: in parts, looking it up in between.
func (p *Probe) upload(ctx context.Context) {
	key := aws.String(p.key(big))
	id := p.begin(ctx, big)
	etag := p.part(ctx, big, id)
	found, err := p.s3.ListMultipartUploadsWithContext(ctx, &s3.ListMultipartUploadsInput{Bucket: &p.Bucket.Name, Prefix: key})
	if err == nil && id != nil && len(found.Uploads) == 0 {
		err = errors.New("the upload that was begun is not listed")
	}
	p.did("ListMultipartUploads", "s3:ListBucketMultipartUploads", err)
	_, err = p.s3.ListPartsWithContext(ctx, &s3.ListPartsInput{Bucket: &p.Bucket.Name, Key: key, UploadId: known(id)})
	p.did("ListParts", "s3:ListMultipartUploadParts", err, missing(id)...)
	p.complete(ctx, big, id, etag)
}

func (p *Probe) begin(ctx context.Context, name string) *string {
	if !p.put {
		p.skip("s3:PutObject", "s3:PutObject is refused", "CreateMultipartUpload")
		return nil
	}
	up, err := p.s3.CreateMultipartUploadWithContext(ctx, &s3.CreateMultipartUploadInput{
		Bucket: &p.Bucket.Name, Key: aws.String(p.key(name)), ContentType: aws.String("application/octet-stream"),
		ACL: p.acl(), ServerSideEncryption: p.encryption(), SSEKMSKeyId: p.keyID(), StorageClass: p.class(),
	})
	if !p.did("CreateMultipartUpload", "s3:PutObject", err) {
		return nil
	}
	p.traces.uploads[name] = aws.StringValue(up.UploadId)
	return up.UploadId
}

func (p *Probe) part(ctx context.Context, name string, id *string) *string {
	if id == nil {
		return nil
	}
	part, err := p.s3.UploadPartWithContext(ctx, p.onePart(name, id))
	if !p.did("UploadPart", "s3:PutObject", err) {
		return nil
	}
	return part.ETag
}

func (p *Probe) onePart(name string, id *string) *s3.UploadPartInput {
	return &s3.UploadPartInput{Bucket: &p.Bucket.Name, Key: aws.String(p.key(name)), UploadId: id, PartNumber: aws.Int64(1), Body: bytes.NewReader(content())}
}

func (p *Probe) complete(ctx context.Context, name string, id, etag *string) {
	if etag == nil {
		return
	}
	p.traces.made(name)
	_, err := p.s3.CompleteMultipartUploadWithContext(ctx, p.completion(name, id, etag))
	if p.did("CompleteMultipartUpload", "s3:PutObject", err) {
		delete(p.traces.uploads, name)
	}
}

func (p *Probe) completion(name string, id, etag *string) *s3.CompleteMultipartUploadInput {
	done := &s3.CompletedMultipartUpload{Parts: []*s3.CompletedPart{{ETag: etag, PartNumber: aws.Int64(1)}}}
	return &s3.CompleteMultipartUploadInput{Bucket: &p.Bucket.Name, Key: aws.String(p.key(name)), UploadId: id, MultipartUpload: done}
}

// copies moves a blob to its place as the end of a push does, a small one and one in parts.
func (p *Probe) copies(ctx context.Context) {
	if !p.put {
		return
	}
	p.traces.made(copied)
	from := aws.String(p.Bucket.Name + "/" + p.key(small))
	_, err := p.s3.CopyObjectWithContext(ctx, &s3.CopyObjectInput{
		Bucket: &p.Bucket.Name, Key: aws.String(p.key(copied)), CopySource: from, ContentType: aws.String("application/octet-stream"),
		ACL: p.acl(), ServerSideEncryption: p.encryption(), SSEKMSKeyId: p.keyID(), StorageClass: p.class(),
	})
	p.traces.refused(copied, err)
	p.did("CopyObject", "s3:GetObject", err) // of its source: writing was not refused
	id := p.begin(ctx, parts)
	if id == nil {
		return
	}
	part, err := p.s3.UploadPartCopyWithContext(ctx, &s3.UploadPartCopyInput{
		Bucket: &p.Bucket.Name, Key: aws.String(p.key(parts)), CopySource: from, UploadId: id, PartNumber: aws.Int64(1), CopySourceRange: aws.String("bytes=0-20"),
	})
	if err == nil && part.CopyPartResult == nil { // Amazon says 200 before it has copied
		err = errors.New("the server has not said what it copied")
	}
	if p.did("UploadPartCopy", "s3:GetObject", err) {
		p.complete(ctx, parts, id, part.CopyPartResult.ETag)
	}
}

func (p *Probe) abort(ctx context.Context) {
	id := p.begin(ctx, broken)
	_, err := p.s3.AbortMultipartUploadWithContext(ctx, &s3.AbortMultipartUploadInput{
		Bucket: &p.Bucket.Name, Key: aws.String(p.key(broken)), UploadId: known(id),
	})
	if p.did("AbortMultipartUpload", "s3:AbortMultipartUpload", err, missing(id)...) {
		delete(p.traces.uploads, broken)
	}
}

// known stands a name in for an upload that could not be begun.
func known(id *string) *string {
	if id == nil {
		return aws.String("00000000-0000-0000-0000-000000000000")
	}
	return id
}

func missing(id *string) []string {
	if id == nil {
		return []string{"NoSuchUpload"}
	}
	return nil
}

func (p *Probe) acl() *string { return aws.String(cmp.Or(p.Bucket.ACL, "private")) }

func (p *Probe) class() *string {
	if p.Bucket.StorageClass == "NONE" {
		return nil
	}
	return aws.String(cmp.Or(p.Bucket.StorageClass, "STANDARD"))
}

func (p *Probe) encryption() *string {
	switch {
	case !p.Bucket.Encrypt:
		return nil
	case p.Bucket.KeyID == "":
		return aws.String("AES256")
	}
	return aws.String("aws:kms")
}

func (p *Probe) keyID() *string {
	if p.Bucket.KeyID == "" {
		return nil
	}
	return aws.String(p.Bucket.KeyID)
}

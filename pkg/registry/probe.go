package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/distribution/distribution/v3/registry/storage/driver"
	"github.com/distribution/distribution/v3/registry/storage/driver/factory"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/objectstore"
)

// Probe does with an Azure container what a registry does, through the same driver, on
// blobs of its own that it removes. For S3 there is objectstore.Probe, which names each permission.
type Probe struct {
	Storage  Storage
	Name     string // of a directory that nobody else uses
	ReadOnly bool   // only what pulls require
	Command  string // that is being run, for hints

	azure  azure
	driver driver.StorageDriver
	report objectstore.Report
}

// probeCleanup limits how long the removal of the probe's blobs may take, also after an interrupt.
const probeCleanup = 20 * time.Second

// Run makes the probe. It returns an error if the container cannot be reached or an
// operation fails; in the latter case the report is complete.
func (p *Probe) Run(ctx context.Context) (objectstore.Report, error) {
	s := p.Storage.completed()
	p.azure = azureOf(s)
	p.report = objectstore.Report{Bucket: p.azure.container, Prefix: p.azure.prefix, Operations: []objectstore.Result{}, Denied: []string{}, Left: []string{}}
	if s.Kind != "azure" {
		return p.report, hint.BadUsage(fmt.Errorf("storage %s is neither in S3 nor in Azure", s), "give "+s3Kind().Form+" or "+azureKind().Form)
	}
	if err := checkAzure(ctx, s, p.ReadOnly); err != nil { // like serve at its start
		return p.report, err
	}
	var err error
	if p.driver, err = factory.Create(ctx, s.Kind, s.Parameters); err != nil {
		return p.report, err
	}
	p.did("list", "read", nil) // checkAzure has listed
	if p.ReadOnly {
		return p.report, nil
	}
	p.write(ctx)
	p.remove(ctx)
	return p.report, p.verdict(ctx)
}

func (p *Probe) path(name string) string { return "/" + p.Name + "/" + name }

// write goes through the steps of a push: a small blob, an upload in two requests, its rename.
func (p *Probe) write(ctx context.Context) {
	content := []byte("regctl storage check\n")
	if !p.did("write", "write", p.driver.PutContent(ctx, p.path("put"), content)) {
		return
	}
	got, err := p.driver.GetContent(ctx, p.path("put"))
	p.did("read", "read", same(got, content, err))
	p.did("upload", "write", p.upload(ctx, content[:7], false))
	p.did("continue upload", "add", p.upload(ctx, content[7:], true))
	p.did("rename", "write", p.driver.Move(ctx, p.path("upload"), p.path("blob")))
	r, err := p.driver.Reader(ctx, p.path("blob"), 7)
	if err == nil {
		got, err = io.ReadAll(r)
		err = errors.Join(err, r.Close())
	}
	p.did("read a range", "read", same(got, content[7:], err))
}

func (p *Probe) upload(ctx context.Context, content []byte, more bool) error {
	w, err := p.driver.Writer(ctx, p.path("upload"), more)
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	if err == nil {
		err = w.Commit(ctx)
	}
	return errors.Join(err, w.Close())
}

func same(got, want []byte, err error) error {
	if err == nil && !bytes.Equal(got, want) {
		return errors.New("the content differs from what was written")
	}
	return err
}

// remove deletes the probe's blobs, as a registry deletes images, also after an interrupt.
func (p *Probe) remove(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeCleanup)
	defer cancel()
	err := p.driver.Delete(ctx, "/"+p.Name)
	if _, none := errors.AsType[driver.PathNotFoundError](err); none {
		err = nil
	}
	if !p.did("delete", "delete", err) {
		p.report.Left = append(p.report.Left, p.Name)
	}
}

// did notes the result of an operation, which requires an action of Azure's on blobs.
func (p *Probe) did(operation, action string, err error) bool {
	r := objectstore.Result{Operation: operation, Action: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/" + action, Result: objectstore.OK}
	if err != nil {
		code, reason := azureCode(detail(err))
		r.Result, r.Why = objectstore.Failed, reason.Error()
		if azureDenied(code) {
			r.Result = objectstore.Refused
			p.report.Denied = append(p.report.Denied, r.Action)
		}
	}
	p.report.Operations = append(p.report.Operations, r)
	return err == nil
}

func (p *Probe) verdict(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, r := range p.report.Operations {
		switch r.Result {
		case objectstore.Refused:
			return hint.NotAllowed(fmt.Errorf("%s: refused: %s: %s", p.azure, r.Operation, r.Why), p.azure.permission())
		case objectstore.Failed:
			return hint.Errorf("check the log of the Azure server", "%s: %s: %s", p.azure, r.Operation, r.Why)
		}
	}
	return nil
}

package registry

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// Storage says where a registry keeps its blobs: a driver of distribution and its parameters.
type Storage struct {
	Kind       string         // filesystem, s3 or inmemory
	Parameters map[string]any // the driver's, in lower case
	Redirect   *bool          // whether pulls are sent on to S3; nil: only to Amazon's, which clients can reach and believe
}

// Files is storage in a folder of this machine.
func Files(dir string) Storage {
	return Storage{Kind: "filesystem", Parameters: map[string]any{"rootdirectory": dir}}
}

const storageForms = "give file:///DIR, s3://BUCKET/PREFIX?region=REGION&endpoint=URL, or memory:"

// ParseStorage reads the URL form of a storage:
//
//	file:///var/lib/registry
//	s3://bucket/prefix?region=eu-west-1&endpoint=https://s3.example.com
//	memory:
//
// redirect=true sends pulls on to the S3 server itself (for Amazon's the default,
// which redirect=false ends). What else stands in the query of an s3 URL is a parameter of distribution's s3
// driver. Keys of S3 are never part of it: they come from AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY, ~/.aws/credentials or the machine's role.
func ParseStorage(raw string) (Storage, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return Storage{}, hint.BadUsage(fmt.Errorf("storage %q: not a URL", raw), storageForms)
	}
	switch {
	case u.Scheme == "file" && u.Host == "" && filepath.IsAbs(u.Path):
		return Files(u.Path), nil
	case u.Scheme == "memory" && u.Host == "" && strings.Trim(u.Path+u.Opaque, "/") == "":
		return Storage{Kind: "inmemory", Parameters: map[string]any{}}, nil
	case u.Scheme == "s3" && u.Host != "":
		return parseS3(u)
	}
	if !slices.Contains([]string{"", "file", "memory", "s3"}, u.Scheme) {
		return Storage{}, hint.BadUsage(fmt.Errorf("storage %q: there is no kind %s", u.Redacted(), u.Scheme), storageForms)
	}
	return Storage{}, hint.BadUsage(fmt.Errorf("storage %q: not understood", u.Redacted()), storageForms)
}

// s3Parameters are those of distribution's driver that may stand in the URL.
func s3Parameters() []string {
	return []string{
		"region", "encrypt", "keyid", "skipverify", "chunksize", "storageclass", "objectacl", "forcepathstyle",
		"v4auth", "accelerate", "usedualstack", "usefipsendpoint", "multipartcopychunksize",
		"multipartcopymaxconcurrency", "multipartcopythresholdsize", "loglevel", "redirectendpoint",
	}
}

func parseS3(u *url.URL) (Storage, error) {
	p := map[string]any{"bucket": u.Host, "rootdirectory": strings.Trim(u.Path, "/")}
	var redirect *bool
	if u.User != nil {
		return Storage{}, keysInURL()
	}
	for key, values := range u.Query() {
		switch key = strings.ToLower(key); {
		case key == "endpoint" || key == "regionendpoint":
			p["regionendpoint"] = values[0]
			p["secure"] = !strings.HasPrefix(values[0], "http://")
		case key == "redirect":
			on, err := strconv.ParseBool(values[0])
			if err != nil {
				return Storage{}, hint.BadUsage(fmt.Errorf("storage s3://%s: redirect=%s", u.Host, values[0]), "redirect=true or redirect=false")
			}
			redirect = &on
		case strings.Contains(key, "accesskey") || strings.Contains(key, "secret"):
			return Storage{}, keysInURL()
		case slices.Contains(s3Parameters(), key):
			p[key] = values[0]
		default:
			return Storage{}, hint.BadUsage(fmt.Errorf("storage s3://%s: unknown parameter %q", u.Host, key), "known are endpoint, redirect, "+strings.Join(s3Parameters(), ", "))
		}
	}
	if p["region"] == nil {
		if p["regionendpoint"] == nil {
			return Storage{}, hint.BadUsage(fmt.Errorf("storage s3://%s: no region", u.Host), "add ?region=REGION to the URL")
		}
		p["region"] = "us-east-1" // what other servers than Amazon's call themselves
	}
	return Storage{Kind: "s3", Parameters: p, Redirect: redirect}, nil
}

func keysInURL() error {
	return hint.BadUsage(fmt.Errorf("storage: keys are not accepted in the URL, where every user of the machine can read them"),
		"set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write ~/.aws/credentials")
}

// String is the storage for people: where it is, without secrets.
func (s Storage) String() string {
	switch s.Kind {
	case "filesystem":
		return fmt.Sprint(s.Parameters["rootdirectory"])
	case "inmemory":
		return "memory (lost when the registry stops)"
	}
	return fmt.Sprintf("%s bucket %v, prefix %q", s.Kind, s.Parameters["bucket"], s.Parameters["rootdirectory"])
}

// Check tries the storage, so that a folder that cannot be written, or a bucket
// that cannot be reached, is an error at start and not at the first push. A folder
// that is only read need not be writable.
func (s Storage) Check(ctx context.Context, readOnly bool) error {
	if s.Kind == "s3" {
		return s.reach(ctx)
	}
	if s.Kind != "filesystem" {
		return nil
	}
	dir := fmt.Sprint(s.Parameters["rootdirectory"])
	if readOnly {
		_, err := os.ReadDir(dir)
		return hint.New(err, "regctl serve --root DIR, or --storage file:///DIR, with the folder above docker/registry/v2")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return unwritable(dir, err)
	}
	f, err := os.CreateTemp(dir, ".regctl-write-*")
	if err != nil {
		return unwritable(dir, err)
	}
	f.Close()
	return os.Remove(f.Name())
}

func unwritable(dir string, err error) error {
	return hint.New(fmt.Errorf("storage %s cannot be written: %w", dir, err), "chown -R $(id -u) "+dir+", or name another folder: regctl serve --root DIR")
}

// Package objectstore knows what a registry asks of an S3 server: which permissions
// it needs and why, whether a user has them, and what the server's errors mean.
//
// The requests are those of distribution's s3 driver (registry/storage/driver/s3-aws),
// made with the same SDK, so that what passes here passes there.
package objectstore

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// Bucket is a place for images on an S3 server: the parameters of distribution's s3 driver.
type Bucket struct {
	Name       string
	Prefix     string // that all keys begin with, without a slash at either end; may be ""
	Region     string
	Endpoint   string // URL of another server than Amazon's; "" is Amazon's
	PathStyle  bool   // the bucket is in the path of URLs, not in the name of the host
	PlainHTTP  bool
	SkipVerify bool // believe every certificate
	DualStack  bool
	FIPS       bool
	Accelerate bool
	V2         bool // sign by the old version 2

	Encrypt      bool   // ask the server to encrypt
	KeyID        string // with this key of its key service; "" is the server's own
	StorageClass string // "" is STANDARD, NONE leaves it to the server
	ACL          string // "" is private

	AccessKey string // with SecretKey, where the parameters have them; else the SDK looks for keys
	SecretKey string
}

// FromParameters reads the parameters of distribution's s3 driver, whose keys are in lower case.
func FromParameters(p map[string]any) (Bucket, error) {
	var wrong error
	text := func(key string) string {
		if p[key] == nil {
			return ""
		}
		return fmt.Sprint(p[key])
	}
	flag := func(key string, otherwise bool) bool {
		if p[key] == nil {
			return otherwise
		}
		on, err := strconv.ParseBool(text(key))
		if err != nil && wrong == nil {
			wrong = fmt.Errorf("storage s3: %s=%s: must be true or false", key, text(key))
		}
		return on
	}
	b := Bucket{
		Name: text("bucket"), Prefix: strings.Trim(text("rootdirectory"), "/"), Region: text("region"), Endpoint: text("regionendpoint"),
		PathStyle: flag("forcepathstyle", text("regionendpoint") != ""), PlainHTTP: !flag("secure", true), SkipVerify: flag("skipverify", false),
		DualStack: flag("usedualstack", false), FIPS: flag("usefipsendpoint", false), Accelerate: flag("accelerate", false), V2: !flag("v4auth", true),
		Encrypt: flag("encrypt", false), KeyID: text("keyid"), StorageClass: strings.ToUpper(text("storageclass")), ACL: text("objectacl"),
		AccessKey: text("accesskey"), SecretKey: text("secretkey"),
	}
	return b, wrong
}

// String is the bucket for people, as errors begin.
func (b Bucket) String() string {
	s := "storage s3 bucket " + b.Name
	if b.Endpoint != "" {
		s += " at " + b.Endpoint
	}
	return s
}

// Key is the name of an object in the bucket, of its path below the prefix.
func (b Bucket) Key(path string) string {
	if b.Prefix == "" {
		return path
	}
	return b.Prefix + "/" + path
}

// PolicyCommand is the command that prints the policy that this bucket's user needs.
func (b Bucket) PolicyCommand(readOnly bool) string {
	words := []string{"regctl", "storage", "s3-policy", b.Name}
	if b.Prefix != "" {
		words = append(words, "--prefix", b.Prefix)
	}
	if readOnly {
		words = append(words, "--read-only")
	}
	return hint.Quote(words...)
}

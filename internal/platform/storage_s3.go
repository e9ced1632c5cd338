package platform

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/regctl/regctl/internal/platform/settings"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
)

// KindS3 is the name of S3.
const KindS3 = "s3"

// S3 is a bucket. Its keys are in a Secret, as a file of the form of
// ~/.aws/credentials under the key "credentials"; without one the node's role is used.
type S3 struct {
	Bucket   string `json:"bucket,omitempty"` // BUCKET or BUCKET/PREFIX
	Region   string `json:"region,omitempty"`
	Endpoint string `json:"endpoint,omitempty"` // URL of another server than Amazon's
	CA       string `json:"ca,omitempty"`       // PEM of the CA that signed its certificate, where the image does not know it
	Access
}

// Name is s3.
func (*S3) Name() string { return KindS3 }

// Place is the bucket, and the server where it is not Amazon's.
func (s *S3) Place() string { return strings.TrimSpace("the bucket " + s.Bucket + " " + s.Endpoint) }

// Address is the bucket.
func (s *S3) Address() string { return s.Bucket }

// TrustedCA is the PEM of the CA that signed the server's certificate.
func (s *S3) TrustedCA() string { return s.CA }

func (s *S3) check() error {
	switch {
	case s.Bucket == "":
		return hint.New(errors.New("storage: s3: requires a bucket"), "--s3-bucket BUCKET")
	case s.Region == "" && s.Endpoint == "":
		return hint.New(errors.New("storage: s3: requires a region"), "--s3-region REGION, such as eu-west-1; or --s3-endpoint URL")
	case s.CA == "":
		return nil
	}
	if err := certs.AddTo(x509.NewCertPool(), []byte(s.CA)); err != nil {
		return fmt.Errorf("storage: s3: ca: %w", err)
	}
	return nil
}

// Settings are the URL of the bucket for regctl's own image, else those of distribution's driver.
func (s *S3) Settings(own bool) settings.Settings {
	if own {
		return settings.Settings{ServeStorage: s.url()}
	}
	bucket, prefix := splitPrefix(s.Bucket)
	return settings.Settings{
		Storage: KindS3, S3Bucket: bucket, S3Directory: prefix, S3Endpoint: s.Endpoint,
		S3Region: cmp.Or(s.Region, "us-east-1"), // the driver wants one even where an endpoint makes it meaningless
	}
}

// url is the bucket as "regctl serve --storage" reads it.
func (s *S3) url() string {
	q := url.Values{}
	if s.Region != "" {
		q.Set("region", s.Region)
	}
	if s.Endpoint != "" {
		q.Set("endpoint", s.Endpoint)
	}
	return "s3://" + s.Bucket + "?" + q.Encode()
}

// splitPrefix parts BUCKET/PREFIX; the prefix is a path below the root, or "".
func splitPrefix(bucket string) (name, prefix string) {
	name, prefix, _ = strings.Cut(bucket, "/")
	if prefix != "" {
		prefix = "/" + prefix
	}
	return name, prefix
}

// Keys are the file for regctl's own image, else a variable for each key.
func (s *S3) Keys(own bool) ([]Credential, error) {
	if own {
		return []Credential{{Variable: "AWS_SHARED_CREDENTIALS_FILE", File: "credentials", Content: s.Credentials}}, nil
	}
	access, secret := Credential{Variable: "REGISTRY_STORAGE_S3_ACCESSKEY", Key: "s3_access_key"}, Credential{Variable: "REGISTRY_STORAGE_S3_SECRETKEY", Key: "s3_secret_key"}
	if s.Credentials != nil {
		a, b, err := ParseS3Keys(s.Credentials)
		if err != nil {
			return nil, err
		}
		access.Content, secret.Content = []byte(a), []byte(b)
	}
	return []Credential{access, secret}, nil
}

func readS3(s settings.Settings) *Storage {
	if u, err := url.Parse(s.ServeStorage); err == nil && u.Scheme == KindS3 {
		q := u.Query()
		return &Storage{S3: &S3{Bucket: strings.TrimSuffix(u.Host+u.Path, "/"), Region: q.Get("region"), Endpoint: q.Get("endpoint")}}
	}
	if s.S3Bucket == "" {
		return nil
	}
	return &Storage{S3: &S3{Bucket: s.S3Bucket + s.S3Directory, Region: s.S3Region, Endpoint: s.S3Endpoint}}
}

// ParseS3Keys reads the pair of the profile default from a file of the form of
// ~/.aws/credentials, or of the first profile where there is none of that name.
func ParseS3Keys(file []byte) (access, secret string, err error) {
	pairs, section, first := map[string]map[string]string{}, "", ""
	lines := bufio.NewScanner(bytes.NewReader(file))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if name, ok := strings.CutPrefix(line, "["); ok {
			section = strings.TrimSpace(strings.TrimSuffix(name, "]"))
			continue
		}
		key, text, found := strings.Cut(line, "=")
		if !found || strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
			continue
		}
		if pairs[section] == nil {
			pairs[section] = map[string]string{}
		}
		if first == "" && len(pairs) == 1 {
			first = section
		}
		pairs[section][strings.ToLower(strings.TrimSpace(key))] = strings.TrimSpace(text)
	}
	pair := pairs["default"]
	if pair == nil {
		pair = pairs[first]
	}
	access, secret = pair["aws_access_key_id"], pair["aws_secret_access_key"]
	if access == "" || secret == "" {
		return "", "", hint.BadUsage(errors.New("s3 credentials: profile default has no aws_access_key_id or no aws_secret_access_key"),
			"write the file in the format of ~/.aws/credentials: [default], aws_access_key_id = …, aws_secret_access_key = …")
	}
	return access, secret, nil
}

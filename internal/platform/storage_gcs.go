package platform

import (
	"encoding/json"
	"errors"

	"github.com/regctl/regctl/internal/platform/settings"
	"github.com/regctl/regctl/pkg/hint"
)

// KindGCS is the name of GCS.
const KindGCS = "gcs"

// GCS is a bucket of Google Cloud Storage. The key file of a service account is in a Secret;
// without one the identity of the machine or of the workload is used.
type GCS struct {
	Bucket string `json:"bucket,omitempty"` // BUCKET or BUCKET/PREFIX
	Access
}

// Name is gcs.
func (*GCS) Name() string { return KindGCS }

// Place is the bucket.
func (s *GCS) Place() string { return "the Google bucket " + s.Bucket }

// Address is the bucket.
func (s *GCS) Address() string { return s.Bucket }

// TrustedCA is "": the image knows Google's.
func (*GCS) TrustedCA() string { return "" }

func (s *GCS) check() error {
	if s.Bucket == "" {
		return hint.New(errors.New("storage: gcs: requires a bucket"), "--gcs-bucket BUCKET")
	}
	_, err := s.Keys(false)
	return err
}

// Settings are those of distribution's driver, for every image.
func (s *GCS) Settings(bool) settings.Settings {
	bucket, prefix := splitPrefix(s.Bucket)
	return settings.Settings{Storage: KindGCS, GCSBucket: bucket, GCSDirectory: prefix}
}

// Keys are the key file.
func (s *GCS) Keys(bool) ([]Credential, error) {
	file := s.Credentials
	var key struct {
		Type string `json:"type"`
	}
	if file != nil && (json.Unmarshal(file, &key) != nil || key.Type != "service_account") {
		return nil, hint.New(errors.New("storage: gcs: credentials: must be the JSON key file of a service account"), "gcloud iam service-accounts keys create FILE --iam-account ACCOUNT")
	}
	return []Credential{{Variable: "REGISTRY_STORAGE_GCS_KEYFILE", File: "keyfile.json", Key: "gcs_keyfile.json", Content: file}}, nil
}

func readGCS(s settings.Settings) *Storage {
	if s.GCSBucket == "" {
		return nil
	}
	return &Storage{GCS: &GCS{Bucket: s.GCSBucket + s.GCSDirectory}}
}

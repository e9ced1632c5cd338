package openshift3

import "github.com/regctl/regctl/internal/platform"

// Variables of OpenShift's image for S3's keys, and their names in the Secret, as the
// operator of OpenShift 4 has them too.
const (
	accessVar = "REGISTRY_STORAGE_S3_ACCESSKEY"
	secretVar = "REGISTRY_STORAGE_S3_SECRETKEY"
)

// Keys is the Secret of S3 keys: each by itself for OpenShift's image, and the file for regctl's.
func (flavour) Keys(file []byte) (map[string][]byte, error) {
	access, secret, err := platform.ParseS3Keys(file)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"credentials": file, accessVar: []byte(access), secretVar: []byte(secret)}, nil
}

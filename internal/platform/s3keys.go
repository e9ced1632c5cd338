package platform

import (
	"bufio"
	"bytes"
	"errors"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

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
		return "", "", hint.BadUsage(errors.New("s3 credentials: no aws_access_key_id and aws_secret_access_key in the profile default"),
			"write the file as ~/.aws/credentials is: [default], aws_access_key_id = …, aws_secret_access_key = …")
	}
	return access, secret, nil
}

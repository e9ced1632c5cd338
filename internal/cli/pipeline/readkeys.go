package pipeline

import (
	"bytes"
	"fmt"
	"os"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/hint"
)

// ReadKeys reads a file of S3 keys; the AWS SDK parses it.
func ReadKeys(name string) ([]byte, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, cmdutil.FileError(name, err)
	}
	for _, key := range []string{"aws_access_key_id", "aws_secret_access_key"} {
		if !bytes.Contains(b, []byte(key)) {
			return nil, hint.BadUsage(fmt.Errorf("%s: no %s in it", name, key), "use the format of ~/.aws/credentials: [default], aws_access_key_id = …, aws_secret_access_key = …")
		}
	}
	return b, nil
}

package scripts

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// BucketPolicy is the command bucketpolicy FILE USER [-ACTION]: gives a user of the S3 server at $S3 the IAM policy
// in FILE, by the policy of the bucket images; without ACTION where one is named. The
// root user of the server is root:rootsecret12, its CA s3-ca.crt.
func BucketPolicy(ts *testscript.TestScript, _ bool, args []string) {
	var policy struct {
		Version   string
		Statement []map[string]any
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &policy))
	drop := ""
	if len(args) > 2 {
		drop = strings.TrimPrefix(args[2], "-")
	}
	found := drop == ""
	kept := policy.Statement[:0]
	for _, s := range policy.Statement {
		s["Principal"] = map[string]any{"AWS": []string{args[1]}} // what a bucket's policy has and a user's has not
		actions := s["Action"].([]any)
		s["Action"] = slices.DeleteFunc(slices.Clone(actions), func(a any) bool { return a == drop })
		found = found || len(s["Action"].([]any)) < len(actions)
		if len(s["Action"].([]any)) > 0 {
			kept = append(kept, s)
		}
	}
	if !found {
		ts.Fatalf("%s is not in %s", drop, args[0])
	}
	policy.Statement = kept
	body, err := json.Marshal(policy)
	ts.Check(err)
	ts.Check(putPolicy(ts.Getenv("S3"), []byte(ts.ReadFile("s3-ca.crt")), body))
}

func putPolicy(endpoint string, ca, body []byte) error {
	u, err := url.Parse(endpoint + "/images?policy=")
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPut, u.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	sign(req, body, time.Now().UTC())
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= 300 {
		said, err := io.ReadAll(resp.Body)
		return fmt.Errorf("policy %s: %s %s %w", body, resp.Status, said, err)
	}
	return nil
}

// sign signs a request by S3's version 4, as the root user in us-east-1.
func sign(req *http.Request, body []byte, now time.Time) {
	sum := func(b []byte) string { h := sha256.Sum256(b); return hex.EncodeToString(h[:]) }
	mac := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	stamp, day := now.Format("20060102T150405Z"), now.Format("20060102")
	scope := day + "/us-east-1/s3/aws4_request"
	const names = "host;x-amz-content-sha256;x-amz-date"
	canonical := strings.Join([]string{
		req.Method, req.URL.Path, req.URL.RawQuery, "host:" + req.URL.Host, "x-amz-content-sha256:" + sum(body), "x-amz-date:" + stamp, "", names, sum(body),
	}, "\n")
	key := []byte("AWS4" + "rootsecret12")
	for _, part := range []string{day, "us-east-1", "s3", "aws4_request"} {
		key = mac(key, part)
	}
	signature := mac(key, strings.Join([]string{"AWS4-HMAC-SHA256", stamp, scope, sum([]byte(canonical))}, "\n"))
	req.Header.Set("X-Amz-Date", stamp)
	req.Header.Set("X-Amz-Content-Sha256", sum(body))
	req.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=root/%s, SignedHeaders=%s, Signature=%s", scope, names, hex.EncodeToString(signature)))
}

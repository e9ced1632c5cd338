package objectstore_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/objectstore"
	"github.com/stretchr/testify/require"
)

// amazon is a fake: it answers as Amazon's S3 is documented to where that cannot be
// had from a real server here. It notes what it was asked.
type amazon struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newAmazon(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) *amazon {
	t.Helper()
	a := &amazon{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.asked = append(a.asked, r.Method+" "+r.URL.RequestURI())
		a.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(a.Close)
	return a
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, message)
}

func (a *amazon) probe() *objectstore.Probe {
	return &objectstore.Probe{
		Bucket: objectstore.Bucket{Name: "images", Prefix: "team", Region: "eu-west-1", Endpoint: a.URL, PathStyle: true, PlainHTTP: true, AccessKey: "key", SecretKey: "secret"},
		Access: objectstore.Access{Now: time.Now}, Name: "probe", Command: "regctl storage check",
	}
}

func TestClockSkew(t *testing.T) {
	const allowed = 15 * time.Minute // as S3 has it
	server := newAmazon(t, func(w http.ResponseWriter, r *http.Request) {
		signed, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
		if err != nil || time.Since(signed).Abs() > allowed {
			refuse(w, http.StatusForbidden, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")
			return
		}
		refuse(w, http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
	})
	for by, want := range map[time.Duration]string{
		time.Hour:       "the clocks of this machine and of the server are too far apart: RequestTimeTooSkewed",
		-time.Hour:      "the clocks of this machine and of the server are too far apart: RequestTimeTooSkewed",
		5 * time.Minute: "NoSuchBucket", // the clock is right enough
	} {
		p := server.probe()
		p.Access.Now = func() time.Time { return time.Now().Add(by) }
		report, err := p.Run(t.Context())
		require.ErrorContains(t, err, want)
		require.NotEmpty(t, hint.Of(err))
		require.Empty(t, report.Operations)
	}
}

func TestFirstAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status        int
		code, message string
		header        [2]string
		want, advice  string
		exit          int
	}{
		"bucket elsewhere": {301, "PermanentRedirect", "", [2]string{"X-Amz-Bucket-Region", "us-west-2"}, "it is not in region eu-west-1", "--s3-region us-west-2", hint.Failed},
		"signed for elsewhere": {400, "AuthorizationHeaderMalformed", "the region 'eu-west-1' is wrong; expecting 'us-west-2'", [2]string{},
			"it is not in region eu-west-1", "--s3-region us-west-2", hint.Failed},
		"no such bucket": {404, "NoSuchBucket", "The specified bucket does not exist", [2]string{}, "NoSuchBucket", "aws s3 mb s3://images", hint.Failed},
		"key unknown":    {403, "InvalidAccessKeyId", "no", [2]string{}, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID", hint.Denied},
		"token expired":  {400, "ExpiredToken", "The provided token has expired.", [2]string{}, "ExpiredToken", "get new keys", hint.Denied},
	} {
		t.Run(name, func(t *testing.T) {
			server := newAmazon(t, func(w http.ResponseWriter, _ *http.Request) {
				if c.header[0] != "" {
					w.Header().Set(c.header[0], c.header[1])
				}
				refuse(w, c.status, c.code, c.message)
			})
			_, err := server.probe().Run(t.Context())
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "\n")
			require.Contains(t, hint.Of(err), c.advice)
			require.Equal(t, c.exit, hint.CodeOf(err))
		})
	}
	t.Run("a web page", func(t *testing.T) {
		server := newAmazon(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, "<!DOCTYPE html><html><br>Not here</html>")
		})
		_, err := server.probe().Run(t.Context())
		require.ErrorContains(t, err, "unexpected response, not of an S3 server")
		require.NotContains(t, err.Error(), "\n")
	})
}

// TestRefusedByKey: Amazon says by name that the key of the encryption is refused.
func TestRefusedByKey(t *testing.T) {
	server := newAmazon(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			refuse(w, http.StatusForbidden, "AccessDenied", "User: arn:aws:iam::1:user/bob is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:eu-west-1:1:key/2")
			return
		}
		fmt.Fprint(w, `<Result></Result>`)
	})
	p := server.probe()
	p.Bucket.Encrypt, p.Bucket.KeyID = true, "2"
	report, err := p.Run(t.Context())
	require.ErrorContains(t, err, "refused: kms:GenerateDataKey")
	require.Contains(t, report.Denied, "kms:GenerateDataKey")
	require.Equal(t, hint.Denied, hint.CodeOf(err))
}

// TestInterrupt: whenever a probe is interrupted, it removes what it has made.
func TestInterrupt(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	server := newAmazon(t, func(w http.ResponseWriter, r *http.Request) {
		_, begins := r.URL.Query()["uploads"]
		switch {
		case r.Method == http.MethodPost && begins:
			fmt.Fprint(w, `<InitiateMultipartUploadResult><UploadId>7</UploadId></InitiateMultipartUploadResult>`)
		case r.Method == http.MethodPut && r.URL.Query().Has("uploadId"):
			interrupt()
		case r.Method == http.MethodGet && !begins && r.URL.Path != "/images":
			if r.Header.Get("Range") != "" {
				fmt.Fprint(w, "storage check\n")
				return
			}
			fmt.Fprint(w, "regctl storage check\n")
		default:
			w.Header().Set("ETag", `"1"`)
			fmt.Fprint(w, `<Result></Result>`)
		}
	})
	report, err := server.probe().Run(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, report.Left)
	require.Contains(t, server.asked, "DELETE /images/team/probe/upload?uploadId=7")
	require.Equal(t, "POST /images?delete=", server.asked[len(server.asked)-1])
}

// TestUploadsOfOthersStay: what a server lists although it is not of the probe is not aborted, and
// answers without a body are no end of the program.
func TestUploadsOfOthersStay(t *testing.T) {
	server := newAmazon(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		w.Header().Set("ETag", `"x"`)
		switch {
		case r.Method == http.MethodGet && q.Has("uploads"):
			fmt.Fprint(w, `<ListMultipartUploadsResult><Upload><Key>a</Key><UploadId>theirs</UploadId></Upload><Upload><Key>team/others/upload</Key><UploadId>theirs</UploadId></Upload></ListMultipartUploadsResult>`)
		case r.Method == http.MethodPost && q.Has("uploads"):
			fmt.Fprint(w, `<InitiateMultipartUploadResult><UploadId>own</UploadId></InitiateMultipartUploadResult>`)
		}
	})
	report, _ := server.probe().Run(t.Context())
	require.NotEmpty(t, report.Operations)
	server.mu.Lock()
	defer server.mu.Unlock()
	for _, asked := range server.asked {
		require.NotContains(t, asked, "theirs")
	}
	require.Contains(t, server.asked, "DELETE /images/team/probe/copy-in-parts?uploadId=own")
}

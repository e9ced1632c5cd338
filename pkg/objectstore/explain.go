package objectstore

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// Explain says in one line what an S3 server, or the way to it, complains about, and
// what to do. command is the one that is being run ("regctl serve"), for advice about its flags.
func (b Bucket) Explain(err error, command string) error {
	code, err := Cause(err)
	said := fmt.Errorf("%s: %w", b, err)
	if advice := ConnectionAdvice(err, b.Endpoint, "S3 server", command); advice != "" {
		return hint.New(said, advice)
	}
	switch code {
	case "NoSuchBucket":
		return hint.New(said, b.makeCommand())
	case "BucketRegionError", "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException":
		return b.wrongRegion(err)
	case "RequestTimeTooSkewed", "RequestExpired":
		return hint.New(fmt.Errorf("%s: the clocks of this machine and of the server are too far apart: %w", b, err), "set this machine's clock: timedatectl set-ntp true")
	case "NoCredentialProviders":
		return hint.NotAllowed(fmt.Errorf("%s: no keys to log in with", b), "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_SHARED_CREDENTIALS_FILE, or write ~/.aws/credentials")
	case "SharedCredsLoad", "SharedCredsAccessKey", "SharedCredsSecret":
		return hint.NotAllowed(said, "write the file of keys in the format of ~/.aws/credentials: [default] (or [$AWS_PROFILE]), aws_access_key_id = …, aws_secret_access_key = …")
	case "InvalidAccessKeyId":
		return hint.NotAllowed(said, "check AWS_ACCESS_KEY_ID, or aws_access_key_id in the file of keys")
	case "SignatureDoesNotMatch":
		return hint.NotAllowed(said, "check AWS_SECRET_ACCESS_KEY, or aws_secret_access_key in the file of keys: it does not match the access key")
	case "ExpiredToken", "ExpiredTokenException", "InvalidToken":
		return hint.NotAllowed(said, "get new keys: these are temporary and have expired")
	case "SerializationError", "UnmarshalError":
		return hint.New(fmt.Errorf("%s: unexpected response, not of an S3 server: %w", b, err), "check the endpoint: it must be the URL of the S3 API, not of a web page")
	}
	if Denied(code) {
		return hint.NotAllowed(said, b.PolicyCommand(false)+", and attach the policy to the user of these keys; regctl storage check names what is refused")
	}
	return hint.New(said, "check the bucket, region and endpoint")
}

// Denied tells whether a code of S3 says that the user may not do that.
func Denied(code string) bool {
	return code == "AccessDenied" || code == "Forbidden" || code == "AllAccessDisabled" || code == "AccountProblem"
}

func (b Bucket) makeCommand() string {
	if b.Endpoint != "" {
		return fmt.Sprintf("aws s3 mb s3://%s --endpoint-url %s", b.Name, b.Endpoint)
	}
	return fmt.Sprintf("aws s3 mb s3://%s --region %s", b.Name, b.Region)
}

// named are the ways in which S3 servers say which region they are in.
var named = regexp.MustCompile(`expecting ['"]([a-zA-Z0-9-]+)['"]|bucket is in '([a-zA-Z0-9-]+)'`)

func (b Bucket) wrongRegion(err error) error {
	said := fmt.Errorf("%s: it is not in region %s: %w", b, b.Region, err)
	for _, region := range named.FindAllStringSubmatch(err.Error(), 1) {
		r := region[1] + region[2] // one of them matched
		return hint.New(said, fmt.Sprintf("name its region: --s3-region %s, or ?region=%s in --storage", r, r))
	}
	return hint.New(said, "name its region: aws s3api get-bucket-location --bucket "+b.Name)
}

// ConnectionAdvice is for errors before an object store (server: "S3 server") has answered;
// "" for other errors. endpoint is "" where the host name is made of other names.
func ConnectionAdvice(err error, endpoint, server, command string) string {
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &unknown):
		return command + " --ca FILE, with the CA of the " + server + "; for pods: regctl registry deploy --s3-ca FILE"
	case errors.As(err, &name):
		return "name the endpoint as its certificate does, or issue a certificate for that name: regctl ca create-server-cert --hostnames NAME"
	case errors.As(err, &invalid):
		return "renew the certificate of the " + server + ", or set this machine's clock: timedatectl set-ntp true"
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "the server uses plain HTTP: name the endpoint http://…"
	case errors.Is(err, io.EOF) && strings.HasPrefix(endpoint, "http://"):
		return "the server may use TLS: name the endpoint https://…"
	case strings.Contains(err.Error(), "unsupported protocol scheme"), strings.Contains(err.Error(), "no Host in request URL"):
		return "name the endpoint as a URL: https://s3.example.com"
	case errors.As(err, &dns):
		if endpoint == "" {
			return "check the region and the bucket's name, which the host name consists of"
		}
		return "check the host name in the endpoint"
	case errors.As(err, &op), errors.Is(err, context.DeadlineExceeded):
		return "check that the " + server + " is running and reachable from here: curl -v " + endpoint
	}
	return ""
}

// Cause digs the first error, and S3's name for it, out of those of the driver and
// the SDK, which say neither Unwrap nor anything in one line. The code is "" where no server spoke.
func Cause(err error) (code string, _ error) {
	for {
		if u, ok := errors.AsType[*url.Error](err); ok { // its text is the whole URL
			err = u.Err
		}
		sdk, ok := err.(interface { // there is no Unwrap to follow
			Code() string
			Message() string
			OrigErr() error
		})
		if !ok {
			return code, err
		}
		code, err = sdk.Code(), sdk.OrigErr()
		if err == nil {
			return code, errors.New(oneLine(code + ": " + sdk.Message()))
		}
	}
}

func oneLine(s string) string { return strings.TrimSuffix(strings.Join(strings.Fields(s), " "), ".") }

// UnknownRegion says that Amazon has no region of that name.
func (b Bucket) UnknownRegion() error {
	return hint.BadUsage(fmt.Errorf("%s: Amazon has no region %q", b, b.Region), "such as eu-west-1 or us-east-1; of another server than Amazon's give the endpoint too")
}

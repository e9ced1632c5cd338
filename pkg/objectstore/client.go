package objectstore

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/corehandlers"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/endpoints"
	"github.com/aws/aws-sdk-go/aws/request"
	"github.com/aws/aws-sdk-go/aws/session"
	v4 "github.com/aws/aws-sdk-go/aws/signer/v4"
	"github.com/aws/aws-sdk-go/service/s3"
	"github.com/regctl/regctl/pkg/atomicfile"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
)

// Access says how a bucket is reached.
type Access struct {
	Credentials string           // file of the form of ~/.aws/credentials; "": where the SDK looks (AWS_* variables, ~/.aws, the machine's role)
	CAs         []string         // PEM files of CAs that are believed beside the system's; none: also AWS_CA_BUNDLE, by the SDK
	Now         func() time.Time // that requests are signed by
}

// client makes a client as distribution's driver does, of the same parameters.
func (b Bucket) client(a Access) (*s3.S3, error) {
	config := aws.NewConfig().WithRegion(b.Region).WithDisableSSL(b.PlainHTTP).WithS3ForcePathStyle(b.PathStyle).WithS3UseAccelerate(b.Accelerate)
	if b.Endpoint != "" {
		config.WithEndpoint(b.Endpoint)
	}
	if b.DualStack {
		config.UseDualStackEndpoint = endpoints.DualStackEndpointStateEnabled
	}
	if b.FIPS {
		config.UseFIPSEndpoint = endpoints.FIPSEndpointStateEnabled
	}
	switch {
	case a.Credentials != "":
		config.WithCredentials(credentials.NewSharedCredentials(a.Credentials, ""))
	case b.AccessKey != "" && b.SecretKey != "":
		config.WithCredentials(credentials.NewStaticCredentials(b.AccessKey, b.SecretKey, ""))
	}
	transport, err := b.transport(a.CAs)
	if err != nil {
		return nil, err
	}
	s, err := session.NewSession(config)
	if err != nil {
		return nil, b.Explain(err, "")
	}
	own := aws.NewConfig()
	if transport != nil { // else the SDK's, which heeds AWS_CA_BUNDLE
		own.WithHTTPClient(&http.Client{Transport: transport})
	}
	c := s3.New(s, own)
	c.Handlers.Sign.Swap(v4.SignRequestHandler.Name, request.NamedHandler{
		Name: v4.SignRequestHandler.Name, Fn: func(r *request.Request) { v4.SignSDKRequestWithCurrentTime(r, a.Now) },
	})
	c.Handlers.Send.RemoveByName(corehandlers.ValidateReqSigHandler.Name) // it knows the system's clock alone
	return c, nil
}

// transport believes CAs beside the system's, or every certificate; nil where
// neither is asked for.
func (b Bucket) transport(cas []string) (*http.Transport, error) {
	if len(cas) == 0 && !b.SkipVerify {
		return nil, nil
	}
	base, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, fmt.Errorf("the default transport is a %T", http.DefaultTransport)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, err
	}
	for _, file := range cas {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("CA %s: %w", file, atomicfile.Cause(err))
		}
		if err := certs.AddTo(pool, pem); err != nil {
			return nil, hint.Errorf("regctl ca inspect "+hint.Quote(file), "%s: %w", file, err)
		}
	}
	t := base.Clone()
	t.TLSClientConfig = &tls.Config{RootCAs: pool, InsecureSkipVerify: b.SkipVerify, MinVersion: tls.VersionTLS12} //nolint:gosec // asked for by skipverify=true
	return t, nil
}

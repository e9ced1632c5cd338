package identity

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/pkg/hint"
	_ "k8s.io/client-go/plugin/pkg/client/auth/oidc" // kubeconfigs with an auth-provider
	"k8s.io/client-go/rest"
)

// Token returns what the context's user shows the API server, be it from the
// kubeconfig, a token file, an exec plugin or an auth provider: client-go makes a
// request that goes no further than here.
func Token(ctx context.Context, k *cluster.Context, now time.Time) (string, error) {
	seen := &headerCatcher{}
	client, err := rest.HTTPWrappersForConfig(k.RESTConfig, seen)
	if err != nil {
		return "", k.CredentialError(err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://kubeconfig.invalid/", nil)
	if err != nil {
		return "", err
	}
	resp, err := client.RoundTrip(req)
	if err != nil {
		return "", k.CredentialError(err)
	}
	resp.Body.Close()
	token, ok := strings.CutPrefix(seen.authorization, "Bearer ")
	if !ok || token == "" {
		return "", noToken(k)
	}
	if end, ok := jwtExpiry(token); ok && !now.Before(end) {
		return "", hint.NotAllowed(fmt.Errorf("%s: the token expired at %s", k, end.UTC().Format(time.RFC3339)), k.Again())
	}
	return token, nil
}

// ErrNoToken is wrapped by the error of a context whose user has no token at all.
var ErrNoToken = errors.New("no token")

// noTokenError is ErrNoToken in words.
type noTokenError string

func (e noTokenError) Error() string        { return string(e) }
func (e noTokenError) Is(target error) bool { return target == ErrNoToken }

// noToken says why, and how to come by one. A certificate, such as that of system:admin,
// can never become a token: that takes another user.
func noToken(k *cluster.Context) error {
	tls := k.RESTConfig.TLSClientConfig
	switch {
	case tls.CertFile != "" || len(tls.CertData) > 0 || k.RESTConfig.ExecProvider != nil:
		return hint.NotAllowed(noTokenError(k.String()+": the user has a client certificate but no token, which registries require"),
			"log in as an OpenShift user (regctl login -u USER) or as a service account: regctl login HOST --service-account NAME")
	case k.RESTConfig.Username != "":
		return hint.NotAllowed(noTokenError(k.String()+": the user has a password but no token"),
			"regctl login --server "+k.RESTConfig.Host+" -u "+hint.Quote(k.RESTConfig.Username))
	}
	return hint.NotAllowed(noTokenError(k.String()+": no token found"), k.Again())
}

// headerCatcher answers every request itself and keeps its Authorization header.
type headerCatcher struct{ authorization string }

func (h *headerCatcher) RoundTrip(req *http.Request) (*http.Response, error) {
	h.authorization = req.Header.Get("Authorization")
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
}

// jwtExpiry reads the end of a token's life where the token is a JWT that says
// so. Nothing is verified: the registry does that.
func jwtExpiry(token string) (time.Time, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	var claims struct {
		Exp float64 `json:"exp"` // seconds since 1970
	}
	if errors.Join(err, json.Unmarshal(payload, &claims)) != nil || claims.Exp <= 0 || claims.Exp > 1e11 {
		return time.Time{}, false
	}
	return time.Unix(int64(claims.Exp), 0), true
}

package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/pkg/hint"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// The shortest and the longest life of a token that an API server accepts.
const (
	ShortestToken = 10 * time.Minute
	LongestToken  = 1 << 32 * time.Second
)

// ErrNoAccount is wrapped by the error about a service account that does not exist.
var ErrNoAccount = errors.New("not found")

// BoundToken is a token of a service account that ends, as TokenRequest makes them.
type BoundToken struct {
	Token    string
	Expires  time.Time     // by the server's clock
	Lifetime time.Duration // from when it was made: what the server has given, which may be less or more than asked for
}

// RequestToken asks for a token of a service account of the client's namespace. Without
// audiences it is for the API server itself.
func RequestToken(ctx context.Context, c *cluster.Client, account string, audiences []string, lifetime time.Duration) (*BoundToken, error) {
	res, err := c.Resource(cluster.Ref{GVK: cluster.GVK{Version: "v1", Kind: "ServiceAccount"}, Namespace: c.Namespace, Name: account})
	if err != nil {
		return nil, err
	}
	spec := map[string]any{"expirationSeconds": int64(lifetime / time.Second)}
	if len(audiences) > 0 {
		list := []any{}
		for _, a := range audiences {
			list = append(list, a)
		}
		spec["audiences"] = list
	}
	answer, err := res.Create(ctx, &cluster.Object{Object: map[string]any{
		"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
		"metadata": map[string]any{"name": account, "namespace": c.Namespace}, "spec": spec,
	}}, metav1.CreateOptions{}, "token")
	if err != nil {
		return nil, noBoundToken(c, account, err)
	}
	return readBoundToken(answer)
}

func readBoundToken(o *cluster.Object) (*BoundToken, error) {
	token, _, _ := unstructured.NestedString(o.Object, "status", "token")
	until, _, _ := unstructured.NestedString(o.Object, "status", "expirationTimestamp")
	seconds, _, _ := unstructured.NestedInt64(o.Object, "spec", "expirationSeconds")
	expires, err := time.Parse(time.RFC3339, until)
	if token == "" || err != nil || seconds <= 0 {
		return nil, errors.New("unexpected response to a TokenRequest: no token or no expiration time")
	}
	return &BoundToken{Token: token, Expires: expires, Lifetime: time.Duration(seconds) * time.Second}, nil
}

// noBoundToken tells an account that is missing from a server that makes no such tokens:
// its answer is then no Status of the API.
func noBoundToken(c *cluster.Client, account string, err error) error {
	what := "serviceaccount/" + account
	status, answered := errors.AsType[*apierrors.StatusError](err)
	if !answered || status.Status().Code != http.StatusNotFound {
		return c.Explain(what, err)
	}
	if apierrors.HasStatusCause(err, metav1.CauseTypeUnexpectedServerResponse) {
		return hint.Errorf(fmt.Sprintf("oc serviceaccounts get-token %s -n %s | regctl login HOST -u serviceaccount --password-stdin", account, c.Namespace),
			"%s: the API server does not issue expiring tokens (TokenRequest, requires Kubernetes 1.20)", what)
	}
	if details := status.Status().Details; details != nil && details.Kind == "serviceaccounts" {
		return fmt.Errorf("%s: %w in namespace %s", what, ErrNoAccount, c.Namespace)
	}
	return c.Explain(what, err)
}

// TokenExpiry is when a token ends, where it is a JWT that says so. Nothing is verified.
func TokenExpiry(token string) (time.Time, bool) { return jwtExpiry(token) }

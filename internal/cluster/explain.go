package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Explain puts an API server's refusal into one line, with what to do about it.
func (c *Client) Explain(what string, err error) error { //nolint:gocyclo // a list of refusals, a case each
	if err == nil || hint.Of(err) != "" || errors.Is(err, context.Canceled) {
		return err
	}
	status, answered := errors.AsType[*apierrors.StatusError](err)
	if !answered {
		return c.Context.unreachableIf(err)
	}
	named := fmt.Errorf("%s: %w", what, err)
	if own := c.ExplainCustomHost(what, err); own != nil {
		return own
	}
	switch {
	case apierrors.IsUnauthorized(err):
		return hint.NotAllowed(fmt.Errorf("%s: the API server rejected the credentials; the token may have expired", what), c.Context.Again())
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "exceeded quota"):
		return hint.New(named, "kubectl describe quota -n "+c.Namespace)
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "permissions not currently held"):
		return hint.NotAllowed(named, "ask a cluster admin to run this command: granting permissions requires having them")
	case deniedByRule(err):
		return hint.New(named, "an admission policy of the cluster rejected it: correct the reported value, or ask a cluster admin")
	case apierrors.IsForbidden(err):
		return hint.NotAllowed(named, grant(status.Status().Message))
	case apierrors.IsNotFound(err) && status.Status().Details != nil && status.Status().Details.Kind == "namespaces":
		return hint.New(named, "kubectl create namespace "+status.Status().Details.Name)
	case apierrors.IsConflict(err) && managers(status.Status()) != "":
		return hint.Errorf("omit these fields, or overwrite them: --force-conflicts", "%s: %s", what, managers(status.Status()))
	case apierrors.IsInvalid(err) && strings.Contains(err.Error(), "immutable"):
		return immutable(what, err)
	case status.Status().Code >= http.StatusInternalServerError:
		return hint.New(named, "run the command again: completed steps are skipped")
	}
	return named
}

// immutable leaves out the values of the API server's own language that it may add, and
// never advises to delete what holds data.
func immutable(what string, err error) error {
	advice := "the field is immutable: delete the object first"
	if strings.HasPrefix(what, "persistentvolume") {
		advice = "create another claim with another name: deleting this one deletes its data"
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return hint.Errorf(advice, "%s: %s", what, text)
}

// deniedByRule tells a refusal by a policy or a webhook, which choose its reason
// themselves, from one by lack of permission.
func deniedByRule(err error) bool {
	text := err.Error()
	return strings.Contains(text, "denied request: ") || strings.Contains(text, "denied the request: ") ||
		apierrors.IsForbidden(err) && !strings.Contains(text, " cannot ")
}

// managers names who else owns the fields of a conflict.
func managers(s metav1.Status) string {
	if s.Details == nil {
		return ""
	}
	var all []string
	for _, cause := range s.Details.Causes {
		if cause.Type == metav1.CauseTypeFieldManagerConflict {
			all = append(all, cause.Message+": "+cause.Field)
		}
	}
	return strings.Join(all, "; ")
}

// unreachableIf explains errors of the network; others come back as they are.
func (k *Context) unreachableIf(err error) error {
	if meta.IsNoMatchError(err) {
		return hint.New(err, "kubectl api-resources")
	}
	_, network := errors.AsType[net.Error](err)
	if network || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.ErrUnexpectedEOF) {
		return k.unreachable(err)
	}
	return err
}

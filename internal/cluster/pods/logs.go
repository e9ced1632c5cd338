package pods

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/pkg/hint"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// LogOptions say which lines of a container's log are wanted.
type LogOptions struct {
	Container  string // "" is the only one
	Follow     bool   // go on until the container ends
	Previous   bool   // of the container that ran before the last restart
	Timestamps bool
	Tail       int64         // the last n lines; below 0 all
	Since      time.Duration // newer than this; 0 is all
	After      string        // newer than this time, RFC 3339; "" is all
}

func (o LogOptions) query() url.Values {
	q := url.Values{}
	for key, set := range map[string]bool{"follow": o.Follow, "previous": o.Previous, "timestamps": o.Timestamps} {
		if set {
			q.Set(key, "true")
		}
	}
	if o.Container != "" {
		q.Set("container", o.Container)
	}
	if o.Tail >= 0 {
		q.Set("tailLines", strconv.FormatInt(o.Tail, 10))
	}
	if o.After != "" {
		q.Set("sinceTime", o.After)
	} else if o.Since > 0 {
		q.Set("sinceSeconds", strconv.FormatInt(max(1, int64(o.Since.Seconds())), 10))
	}
	return q
}

// Logs opens the log of a pod of the client's namespace.
func Logs(ctx context.Context, c *cluster.Client, pod string, o LogOptions) (io.ReadCloser, error) {
	u, err := podURL(c, pod, "log", o.query())
	if err != nil {
		return nil, err
	}
	conf := rest.CopyConfig(c.RESTConfig)
	conf.Timeout = 0 // a log that is followed has no end
	client, err := rest.HTTPClientFor(conf)
	if err != nil {
		return nil, c.Context.CredentialError(err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, c.Explain("pod/"+pod, err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp.Body, nil
	}
	defer resp.Body.Close()
	return nil, c.Explain("pod/"+pod, statusError(resp))
}

// podURL is the address of a part of a pod: log, exec, portforward.
func podURL(c *cluster.Client, pod, part string, query url.Values) (*url.URL, error) {
	base, _, err := rest.DefaultServerUrlFor(c.RESTConfig)
	if err != nil {
		return nil, hint.New(fmt.Errorf("%s: %w", c.Context, err), cluster.NoCluster)
	}
	u := base.JoinPath("api", "v1", "namespaces", c.Namespace, "pods", pod, part)
	u.RawQuery = query.Encode()
	return u, nil
}

// statusError reads the API server's refusal.
func statusError(resp *http.Response) error {
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err != nil {
		return err
	}
	var s metav1.Status
	if json.Unmarshal(b, &s) != nil || s.Message == "" {
		s = metav1.Status{Status: metav1.StatusFailure, Code: int32(resp.StatusCode), Message: fmt.Sprintf("unexpected response of the API server: %s", resp.Status)}
	}
	return &apierrors.StatusError{ErrStatus: s}
}

// Tail reads the last ten lines of a container.
func Tail(ctx context.Context, c *cluster.Client, pod, container string, previous bool) (string, error) {
	body, err := Logs(ctx, c, pod, LogOptions{Container: container, Previous: previous, Tail: 10})
	if err != nil {
		return "", err
	}
	defer body.Close()
	b, err := io.ReadAll(io.LimitReader(body, 1<<14))
	return string(b), err
}

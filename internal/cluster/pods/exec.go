package pods

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/regctl/regctl/internal/cluster"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
)

// Exec runs a command in a container of a pod of the client's namespace and waits for its end.
func Exec(ctx context.Context, c *cluster.Client, pod, container string, command []string, out, errOut io.Writer) error {
	q := url.Values{"command": command, "container": {container}, "stdout": {"true"}, "stderr": {"true"}}
	u, err := podURL(c, pod, "exec", q)
	if err != nil {
		return err
	}
	run, err := executor(c, u)
	if err != nil {
		return c.Context.CredentialError(err)
	}
	err = run.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: out, Stderr: errOut})
	return c.Explain("pod/"+pod+": exec", err)
}

func executor(c *cluster.Client, u *url.URL) (remotecommand.Executor, error) {
	conf := rest.CopyConfig(c.RESTConfig)
	conf.Timeout = 0
	old, err := remotecommand.NewSPDYExecutor(conf, http.MethodPost, u)
	if err != nil {
		return nil, err
	}
	socket, err := remotecommand.NewWebSocketExecutor(conf, http.MethodGet, u.String())
	if err != nil {
		return nil, err
	}
	return remotecommand.NewFallbackExecutor(socket, old, fallsBack)
}

// NodeStats decodes what a node says of its pods' volumes into out. It is asked
// through the API server, and only admins may.
func NodeStats(ctx context.Context, c *cluster.Client, node string, out any) error {
	code, err := c.Context.Call(ctx, http.MethodGet, "/api/v1/nodes/"+url.PathEscape(node)+"/proxy/stats/summary", nil, out)
	if err == nil && code >= http.StatusMultipleChoices {
		err = fmt.Errorf("node/%s: %s", node, http.StatusText(code))
	}
	return err
}

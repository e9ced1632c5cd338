package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/regctl/regctl/pkg/hint"
	"k8s.io/client-go/rest"
)

func (e *Env) whoami(ctx context.Context, k *kubeContext, format string) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	id, err := k.identity(ctx)
	if err != nil {
		return err
	}
	return e.Print(format, id, [][]string{{id.User}})
}

// identity asks the API server: Kubernetes answers a SelfSubjectReview from 1.28
// on, OpenShift knows users/~ since ever.
func (k *kubeContext) identity(ctx context.Context) (*Identity, error) {
	id := &Identity{Context: k.name, Server: k.conf.Host}
	var review struct {
		Status struct {
			UserInfo struct {
				Username string
				Groups   []string
			}
		}
	}
	ask := []byte(`{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}`)
	code, err := k.call(ctx, http.MethodPost, "/apis/authentication.k8s.io/v1/selfsubjectreviews", ask, &review)
	if err != nil {
		return nil, err
	}
	if info := review.Status.UserInfo; code < 300 && info.Username != "" {
		id.User, id.Groups = info.Username, info.Groups
		return id, nil
	}
	var user struct {
		Metadata struct{ Name string }
		Groups   []string
	}
	if code, err = k.call(ctx, http.MethodGet, "/apis/user.openshift.io/v1/users/~", nil, &user); err != nil {
		return nil, err
	}
	if code >= 300 || user.Metadata.Name == "" {
		return nil, hint.Errorf("regctl whoami -c", "%s: the API server cannot say who its user is (it has neither SelfSubjectReview nor users/~)", k.conf.Host)
	}
	id.User, id.Groups = user.Metadata.Name, user.Groups
	return id, nil
}

// call makes a request of the API and decodes an answer below 300 into out. Of
// the others, a refusal and a server's failure are errors; the rest is the caller's to judge.
func (k *kubeContext) call(ctx context.Context, method, path string, body []byte, out any) (int, error) {
	client, err := rest.HTTPClientFor(k.conf)
	if err != nil {
		return 0, k.credentialError(err)
	}
	base, _, err := rest.DefaultServerUrlFor(k.conf)
	if err != nil {
		return 0, hint.New(fmt.Errorf("%s: %w", k, err), noCluster)
	}
	req, err := http.NewRequestWithContext(ctx, method, base.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return 0, k.unreachable(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return 0, k.unreachable(err)
	}
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		return 0, hint.NotAllowed(fmt.Errorf("%s: the API server %s does not know the user; the token may have expired", k, k.conf.Host), k.again())
	case resp.StatusCode >= 500:
		return 0, fmt.Errorf("%s: the API server answered %s", k.conf.Host, resp.Status)
	case resp.StatusCode >= 300:
		return resp.StatusCode, nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return 0, hint.Errorf("check the server of "+k.String(), "%s: not an API server: %w", k.conf.Host, err)
	}
	return resp.StatusCode, nil
}

func (k *kubeContext) unreachable(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("no answer")
	}
	return hint.Errorf("see whether the cluster runs, and who is asked: regctl whoami --show-server", "%s: the API server: %w", k, err)
}

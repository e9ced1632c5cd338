package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/regctl/regctl/pkg/hint"
	"k8s.io/client-go/rest"
)

// Identity is who talks to which cluster.
type Identity struct {
	User    string   `json:"user"`              // as the API server knows it
	Groups  []string `json:"groups,omitempty"`  // where the API server says them
	Context string   `json:"context,omitempty"` // of the kubeconfig; none in a pod
	Server  string   `json:"server"`            // URL of the API server
}

// Identity asks the API server: Kubernetes answers a SelfSubjectReview from 1.28
// on, OpenShift knows users/~ since ever.
func (k *Context) Identity(ctx context.Context) (*Identity, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	id := &Identity{Context: k.Name, Server: k.conf.Host}
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
	for _, self := range []string{"/apis/user.openshift.io/v1/users/~", "/oapi/v1/users/~"} { // the second one before 3.6
		if code, err = k.call(ctx, http.MethodGet, self, nil, &user); err != nil {
			return nil, err
		}
		if code < 300 {
			break
		}
	}
	if code >= 300 || user.Metadata.Name == "" {
		return nil, hint.Errorf("regctl whoami -c", "%s: the API server cannot say who its user is (it has neither SelfSubjectReview nor users/~)", k.conf.Host)
	}
	id.User, id.Groups = user.Metadata.Name, user.Groups
	return id, nil
}

// call makes a request of the API and decodes an answer below 300 into out. Of
// the others, a refusal and a server's failure are errors; the rest is the caller's to judge.
func (k *Context) call(ctx context.Context, method, path string, body []byte, out any) (int, error) {
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
		return 0, hint.NotAllowed(fmt.Errorf("%s: the API server %s does not know the user; the token may have expired", k, k.conf.Host), k.Again())
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


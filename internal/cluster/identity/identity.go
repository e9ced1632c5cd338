// Package identity says who talks to a cluster: the user and the token of a kubeconfig context,
// login and logout, and the tokens of service accounts.
package identity

import (
	"context"
	"net/http"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/pkg/hint"
)

// Identity is who talks to which cluster.
type Identity struct {
	User    string   `json:"user"`              // as the API server knows it
	Groups  []string `json:"groups,omitempty"`  // where the API server says them
	Context string   `json:"context,omitempty"` // of the kubeconfig; none in a pod
	Server  string   `json:"server"`            // URL of the API server
}

// WhoAmI asks the API server: Kubernetes answers a SelfSubjectReview from 1.28
// on, OpenShift knows users/~ since ever.
func WhoAmI(ctx context.Context, k *cluster.Context) (*Identity, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	id := &Identity{Context: k.Name, Server: k.RESTConfig.Host}
	var review struct {
		Status struct {
			UserInfo struct {
				Username string
				Groups   []string
			}
		}
	}
	ask := []byte(`{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}`)
	code, err := k.Call(ctx, http.MethodPost, "/apis/authentication.k8s.io/v1/selfsubjectreviews", ask, &review)
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
		if code, err = k.Call(ctx, http.MethodGet, self, nil, &user); err != nil {
			return nil, err
		}
		if code < 300 {
			break
		}
	}
	if code >= 300 || user.Metadata.Name == "" {
		return nil, hint.Errorf("regctl whoami -c", "%s: the API server cannot identify the user (it serves neither SelfSubjectReview nor users/~)", k.RESTConfig.Host)
	}
	id.User, id.Groups = user.Metadata.Name, user.Groups
	return id, nil
}

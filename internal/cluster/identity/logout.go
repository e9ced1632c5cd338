package identity

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/kubeconfig"
	"github.com/regctl/regctl/pkg/hint"
	"k8s.io/client-go/tools/clientcmd/api"
)

// Kept is the token that the kubeconfig itself holds for the context's user; "" where it is
// elsewhere, in a file or with a plugin, or there is none.
func Kept(k *cluster.Context) string {
	if k.Name == "" || k.RESTConfig.BearerTokenFile != "" {
		return ""
	}
	return k.RESTConfig.BearerToken
}

// EndToken deletes the context's token on the server, so that it cannot be used any
// more. Its owner may do so on every OpenShift. ended is false where the server does not know it as one of its own.
func EndToken(ctx context.Context, k *cluster.Context) (ended bool, err error) {
	switch token := Kept(k); {
	case strings.Trim(token, ".") == "", url.PathEscape(token) != token: // the list of all tokens must never be what is deleted
		return false, errors.New("it was not issued by an OAuth server")
	case strings.Count(token, ".") == 2:
		return false, hint.Errorf("", "it was not issued by the OAuth server, and stays valid until it expires")
	}
	name := tokenName(Kept(k))
	for _, at := range []string{"/apis/oauth.openshift.io/v1/oauthaccesstokens/", "/oapi/v1/oauthaccesstokens/"} { // the second one before 3.6
		var answer map[string]any
		code, err := k.Call(ctx, http.MethodDelete, at+name, nil, &answer)
		if err != nil {
			return false, err
		}
		if code == http.StatusForbidden {
			return false, fmt.Errorf("%s: the user lacks permission to delete it", k.RESTConfig.Host)
		}
		if code < 300 {
			return true, nil
		}
	}
	return false, nil
}

// tokenName is the name of the object that stands for a token: since 4.6 one from
// which nobody can find the token, before that the token itself.
func tokenName(token string) string {
	secret, hashed := strings.CutPrefix(token, "sha256~")
	if !hashed {
		return token
	}
	sum := sha256.Sum256([]byte(secret))
	return "sha256~" + base64.RawURLEncoding.EncodeToString(sum[:])
}

// Forget blanks a token in every user of the kubeconfig that has it, and returns their names.
func Forget(ctx context.Context, c cluster.Config, getenv func(string) string, token string) (users []string, err error) {
	e, err := kubeconfig.Open(ctx, c.Files(getenv))
	if err != nil {
		return nil, err
	}
	defer e.Close()
	e.Users(func(name string, user *api.AuthInfo) {
		if token != "" && user.Token == token {
			user.Token = ""
			users = append(users, name)
		}
	})
	slices.Sort(users)
	return users, e.Save()
}

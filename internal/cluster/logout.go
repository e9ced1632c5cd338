package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// Kept is the token that the kubeconfig itself holds for the context's user; "" where it is
// elsewhere, in a file or with a plugin, or there is none.
func (k *Context) Kept() string {
	if k.Name == "" || k.conf.BearerTokenFile != "" {
		return ""
	}
	return k.conf.BearerToken
}

// EndToken deletes the context's token on the server, so that nobody can use it any
// more. Its owner may do so on every OpenShift. ended is false where the server does not know it as one of its own.
func (k *Context) EndToken(ctx context.Context) (ended bool, err error) {
	if strings.Count(k.Kept(), ".") == 2 {
		return false, hint.Errorf("", "it is not by the OAuth server, and stays valid until it expires")
	}
	name := tokenName(k.Kept())
	for _, at := range []string{"/apis/oauth.openshift.io/v1/oauthaccesstokens/", "/oapi/v1/oauthaccesstokens/"} { // the second one before 3.6
		var answer map[string]any
		code, err := k.call(ctx, http.MethodDelete, at+name, nil, &answer)
		if err != nil {
			return false, err
		}
		if code == http.StatusForbidden {
			return false, fmt.Errorf("%s: the user may not delete it", k.conf.Host)
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
func (c Config) Forget(ctx context.Context, getenv func(string) string, token string) (users []string, err error) {
	e, err := c.editor(getenv)
	if err != nil {
		return nil, err
	}
	defer e.close()
	if err := e.open(ctx); err != nil {
		return nil, err
	}
	for _, own := range e.files {
		for name, info := range own.AuthInfos {
			if token != "" && info.Token == token {
				info.Token = ""
				users = append(users, name)
			}
		}
	}
	slices.Sort(users)
	return users, e.save()
}

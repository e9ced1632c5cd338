package secrets

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/cluster/identity"
	"github.com/regctl/regctl/internal/secrets"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
)

// loginsAt finds the credentials with which the user is logged in at registries, in the form of a pull secret.
func loginsAt(e *cmdutil.Env, hosts []string) (logins []secrets.Login, err error) {
	for _, host := range hosts {
		if _, err := trust.ParseHost(host); err != nil {
			return nil, err
		}
		c, source, found, err := credentials.Lookup(connect.Credentials(e), host)
		if err == nil && !found {
			err = hint.NotAllowed(errors.New("not logged in"), "regctl login "+host+" -u USER")
		}
		if err == nil {
			err = lasting(e, host, c)
		}
		if err != nil {
			return nil, hint.New(fmt.Errorf("%s: %w", host, err), hint.Of(connect.Advise(err)))
		}
		e.Say("%s: the credentials of %s, from %s", host, c.Username, source)
		server := host
		if host == "docker.io" || host == "index.docker.io" {
			server = secrets.HubServer
		}
		logins = append(logins, secrets.Login{Server: server, Username: c.Username, Password: c.Password})
	}
	return logins, nil
}

// lasting refuses what pods cannot pull with, and warns of what they cannot pull with for long.
func lasting(e *cmdutil.Env, host string, c credentials.Credential) error {
	if c.IdentityToken != "" {
		return hint.Errorf("log in with a user name and a password: regctl login "+host+" -u USER", "the login has an identity token, which a cluster cannot use")
	}
	ends, dated := identity.TokenExpiry(c.Password)
	const lasts = "use credentials that do not expire, or create the secret again before that"
	switch {
	case dated && !e.Now().Before(ends):
		return hint.NotAllowed(fmt.Errorf("the token expired at %s", ends.UTC().Format(time.RFC3339)), "regctl login "+host)
	case dated:
		e.Warn("%s: pods cannot pull after %s, when the token expires; %s", host, ends.UTC().Format(time.RFC3339), lasts)
	case strings.HasPrefix(c.Password, "sha256~"):
		e.Warn("%s: pods cannot pull after OpenShift's token expires (default: a day after the login); %s", host, lasts)
	}
	return nil
}

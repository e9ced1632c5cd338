package login

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
)

func (l *loginFlags) check(ctx context.Context, env *cmdutil.Env, host string, c credentials.Credential) error {
	t, err := connect.Transport(env, host, l.ca, l.insecure)
	if err != nil {
		return err
	}
	defer t.CloseIdleConnections()
	const patience = 30 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	open, err := credentials.Check(ctx, host, c, t, l.insecure)
	if open {
		env.Say("note: %s allows anonymous access, so the credentials are not tested", host)
	}
	return l.explain(host, err)
}

func (l *loginFlags) explain(host string, err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return hint.Errorf("check the host and the port, or add --skip-check", "%s: no answer", host)
	}
	if errors.Is(err, credentials.ErrRefused) && l.owner != nil {
		return hint.NotAllowed(fmt.Errorf("%s: the registry refused the token of %s", host, l.owner), "log in again: "+l.owner.Again())
	}
	if errors.Is(err, credentials.ErrRefused) {
		return hint.NotAllowed(err, "try again: regctl login "+host+" -u "+l.user)
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok && !l.insecure {
		return hint.New(connect.ExplainTLS(host, err), "--insecure sends the password over plain HTTP, unencrypted")
	}
	err = connect.ExplainTLS(host, err)
	if _, ok := errors.AsType[*net.OpError](err); ok && hint.Of(err) == "" {
		return hint.New(err, "check the host and the port, and that the registry is running")
	}
	return err
}

package trust

import (
	"errors"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
)

// advised adds to an error of pkg/trust what to do next.
func advised(h trust.Host, err error) error {
	if e, ok := errors.AsType[*trust.UnreachableError](err); ok {
		return hint.New(err, unreachable(h, e))
	}
	if _, ok := errors.AsType[*trust.NoCAError](err); ok {
		return hint.New(err, "get that CA from the registry's operator, then: regctl trust add "+h.String()+" --ca FILE")
	}
	if _, ok := errors.AsType[*trust.ExpiredError](err); ok {
		return hint.New(err, "create a new CA on the registry's machine: "+newCA)
	}
	switch {
	case errors.Is(err, trust.ErrNotTLS):
		return hint.New(err, "for a registry without TLS: regctl trust add "+h.String()+" --insecure")
	case errors.Is(err, trust.ErrHasKey):
		return hint.New(err, "give the file that has the certificate alone")
	case errors.Is(err, trust.ErrRequest):
		return hint.New(err, "sign it: regctl ca create-server-cert --csr FILE --cert CERT_FILE")
	case errors.Is(err, trust.ErrNoUserStore):
		return hint.BadUsage(err, "sudo regctl trust add "+h.String()+" --for system --from-server")
	case errors.Is(err, trust.ErrSystemSecured):
		return hint.BadUsage(err, "name other targets: --for docker,containers")
	}
	return err
}

func unreachable(h trust.Host, e *trust.UnreachableError) string {
	switch {
	case e.Proxy != nil:
		return "the connection goes through the proxy of HTTPS_PROXY; add the host to NO_PROXY if it is reached directly"
	case h.Port == "":
		return "no port was given, so 443 was tried: is it " + h.String() + ":5000?"
	}
	return "is the registry running, and is " + h.String() + " the right host and port?"
}

const newCA = "regctl ca create-signer-cert --cert CA_FILE --key CA_KEY_FILE --overwrite"

// command is what resolves a failed check; "" where no command does. flags are those of the run.
func command(h trust.Host, c trust.Check, flags *trustFlags, user bool) string {
	add := "regctl trust add " + h.String()
	switch c.Fix {
	case trust.Reissue:
		return "regctl ca create-server-cert --hostnames=" + strings.Join(c.Names, ",") + " --cert CERT_FILE --key KEY_FILE"
	case trust.Renew:
		return "regctl ca renew --cert CERT_FILE --key KEY_FILE"
	case trust.NewCA:
		return newCA
	case trust.SetClock:
		return "date"
	case trust.RepairSigner:
		return "regctl ca create-server-cert --help"
	case trust.VerifyAgain:
		return "regctl trust remove " + h.String() + flags.String() + " --insecure"
	case trust.TrustCA:
		return add + flags.String() + origin(c)
	case trust.TrustSystem: // it is the machine's whoever asks
		switch {
		case user:
			return "sudo " + add + " --for system" + origin(c)
		case len(flags.targets) > 0:
			return add + flags.String() + origin(c)
		}
		return add + flags.String() + " --for system" + origin(c)
	}
	return ""
}

// origin is the flag that names the CA to be trusted.
func origin(c trust.Check) string {
	switch {
	case c.CA != "":
		return " --ca " + hint.Quote(c.CA)
	case c.Sent:
		return " --from-server"
	}
	return " --ca FILE"
}

package trust

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"
)

// State is how a check has come out.
type State string

// The states. Insecure: the tool does not check the certificate. Unused: it does
// not trust the registry, and need not.
const (
	OK       State = "ok"
	Wrong    State = "wrong"
	Insecure State = "insecure"
	Unused   State = "unused"
)

// Check is one thing that has to hold for a registry to be believed.
type Check struct {
	Name   string `json:"check"` // name, expiry, chain, or a target, or regctl
	State  State  `json:"state"`
	Detail string `json:"detail"`
	Mend   string `json:"mend,omitempty"` // the command that puts it right
}

// Verifier looks at what a registry shows with the eyes of each tool.
type Verifier struct {
	Place   Place
	Host    Host
	Shown   []*x509.Certificate // by the server, its own first
	System  *x509.CertPool      // what the system believes
	Now     time.Time
	Targets []Target // that must believe the registry
	Flags   string   // to be added to the commands that mend, such as " --user --for all"
}

// Verify makes all checks: first of what the server shows, then of each tool.
func (v Verifier) Verify() []Check {
	checks := []Check{v.name(), v.expiry(), v.chain()}
	for _, t := range Targets() {
		checks = append(checks, v.tool(t))
	}
	return append(checks, v.regctl())
}

func (v Verifier) name() Check {
	leaf, name := v.Shown[0], v.Host.ServerName()
	if err := leaf.VerifyHostname(name); err == nil {
		return Check{Name: "name", State: OK, Detail: "the certificate is for " + name}
	}
	names := namesIn(leaf)
	detail := "the certificate is for " + strings.Join(names, ", ") + ", not for " + name
	if len(names) == 0 {
		detail = "the certificate holds no name in its subjectAltName; its CN is not looked at"
	}
	return Check{Name: "name", State: Wrong, Detail: detail,
		Mend: "regctl ca create-server-cert --hostnames=" + strings.Join(append(names, name), ",")}
}

func namesIn(c *x509.Certificate) []string {
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}

func (v Verifier) expiry() Check {
	for _, c := range Path(v.Shown) {
		switch {
		case v.Now.After(c.NotAfter):
			return Check{Name: "expiry", State: Wrong, Detail: subject(c) + " expired on " + day(c.NotAfter), Mend: "regctl ca renew"}
		case v.Now.Before(c.NotBefore):
			return Check{Name: "expiry", State: Wrong, Detail: subject(c) + " is valid from " + day(c.NotBefore) + " on: compare the clocks", Mend: "date"}
		}
	}
	days := int(v.Shown[0].NotAfter.Sub(v.Now).Hours() / 24)
	return Check{Name: "expiry", State: OK, Detail: fmt.Sprintf("%d days left, until %s", days, day(v.Shown[0].NotAfter))}
}

func (v Verifier) chain() Check {
	chain := Path(v.Shown)
	top := chain[len(chain)-1]
	names := make([]string, 0, len(chain)+1)
	for _, c := range chain {
		names = append(names, subject(c))
	}
	check := Check{Name: "chain", State: OK}
	switch {
	case SelfSigned(top):
	case slices.ContainsFunc(v.Shown, func(c *x509.Certificate) bool { return string(c.RawSubject) == string(top.RawIssuer) }):
		check.State, check.Mend = Wrong, "regctl ca create-server-cert --help"
		names = append(names, top.Issuer.String()+" (shown with another key than the one that signed)")
	default:
		names = append(names, top.Issuer.String()+" (not shown)")
	}
	check.Detail = strings.Join(names, " <- ")
	return check
}

// source is where a tool has its roots from.
type source struct {
	dir      string
	roots    []CA
	insecure string // the file that says so
}

// tool checks one target.
func (v Verifier) tool(t Target) Check {
	check := Check{Name: string(t)}
	src, err := v.source(t)
	if err != nil {
		check.State, check.Detail, check.Mend = Wrong, err.Error(), v.mend()
		return v.unless(t, check)
	}
	if src.insecure != "" {
		check.State, check.Detail = Insecure, "the certificate is not checked: "+src.insecure
		check.Mend = "regctl trust remove " + v.Host.String() + v.Flags + " --insecure"
		return check
	}
	if by := v.believes(src.roots); by != "" {
		check.State, check.Detail = OK, "by "+by
		return check
	}
	check.State = Wrong
	check.Detail, check.Mend = v.why(t, src)
	return v.unless(t, check)
}

// unless makes a failure none where nobody asks for the tool.
func (v Verifier) unless(t Target, check Check) Check {
	if !slices.Contains(v.Targets, t) {
		check.State, check.Mend = Unused, ""
	}
	return check
}

func (v Verifier) regctl() Check {
	check := Check{Name: "regctl", State: Wrong, Detail: "no folder of docker or containers holds its CA", Mend: v.mend()}
	var roots []CA
	for _, dir := range v.Place.CertFolders(v.Host.String()) {
		folder, err := v.Place.ReadFolder(dir)
		if err == nil && folder != nil {
			roots, err = append(roots, folder.All...), folder.Err
		}
		if err != nil {
			check.Detail, check.Mend = err.Error(), ""
			return check
		}
	}
	if by := v.believes(roots); by != "" {
		return Check{Name: "regctl", State: OK, Detail: "by " + by}
	}
	if !slices.Contains(v.Targets, Containers) { // then neither is asked for regctl, which reads the same
		return v.unless(Docker, check)
	}
	return check
}

// believes tells which of the roots, or else the system, vouches for the server. A wrong name and
// a date are checks of their own, so they do not count here.
func (v Verifier) believes(roots []CA) string {
	for _, ca := range roots {
		pool := x509.NewCertPool()
		pool.AddCert(ca.Cert)
		if v.verify(pool) == nil {
			return ca.Path
		}
	}
	if v.System != nil && v.verify(v.System) == nil {
		return "the system's roots"
	}
	return ""
}

func (v Verifier) verify(pool *x509.CertPool) error {
	between := x509.NewCertPool()
	for _, c := range v.Shown[1:] {
		between.AddCert(c)
	}
	leaf, at := v.Shown[0], v.Now
	if at.After(leaf.NotAfter) {
		at = leaf.NotAfter
	}
	if at.Before(leaf.NotBefore) {
		at = leaf.NotBefore
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: pool, Intermediates: between, CurrentTime: at})
	return err
}

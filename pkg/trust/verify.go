package trust

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"
)

// State is the result of a check.
type State string

// The states. Insecure: the tool does not verify the certificate. Unused: the tool does not
// trust the registry, or the check has no effect, and nobody asked for it.
const (
	OK       State = "ok"
	Wrong    State = "wrong"
	Insecure State = "insecure"
	Unused   State = "unused"
)

// Fix is what resolves a failed check.
type Fix string

// The fixes. CheckFile and Nothing need no command.
const (
	Nothing      Fix = ""
	Reissue      Fix = "reissue"       // the certificate, for Check.Names
	Renew        Fix = "renew"         // the server's certificate
	NewCA        Fix = "new CA"        // the CA has expired
	SetClock     Fix = "clock"         // it may be wrong
	TrustCA      Fix = "trust"         // add the CA: of Check.CA, or of the server
	TrustSystem  Fix = "trust system"  // the same, for the system store
	VerifyAgain  Fix = "verify again"  // remove what turns verification off
	RepairSigner Fix = "repair signer" // the server sends another CA than the one that signed
)

// Check is one requirement for a registry to be trusted.
type Check struct {
	Name   string // name, expiry, chain, a target, or regctl
	State  State
	Detail string
	Fix    Fix
	CA     string   // with TrustCA: a file with the CA on this host; "": the server's
	Sent   bool     // with TrustCA: the server sends its CA
	Names  []string // with Reissue: the host names of the new certificate
}

// Verifier checks what a registry presents as each tool does.
type Verifier struct {
	Place   Place
	Host    Host
	Shown   []*x509.Certificate // by the server, its own first; none where it does not use TLS
	System  *x509.CertPool      // what the system trusts
	Now     time.Time
	Targets []Target // that must trust the registry
}

// Verify makes all checks: first of what the server presents, then of each tool. Where no tool
// that is asked for verifies certificates, the certificate cannot be wrong.
func (v Verifier) Verify() []Check {
	var checks, tools []Check
	for _, t := range Targets() {
		tools = append(tools, v.tool(t))
	}
	if len(v.Shown) > 0 {
		checks = append(checks, v.name(), v.expiry(), v.chain())
		tools = append(tools, v.regctl())
	}
	if v.noneVerifies(tools) {
		for i := range checks {
			checks[i] = unusedUnlessOK(checks[i])
		}
		if last := len(tools) - 1; tools[last].Name == "regctl" {
			tools[last] = unusedUnlessOK(tools[last])
		}
	}
	return append(checks, tools...)
}

func (v Verifier) noneVerifies(tools []Check) bool {
	return len(v.Targets) > 0 && !slices.ContainsFunc(tools, func(c Check) bool {
		return slices.Contains(v.Targets, Target(c.Name)) && c.State != Insecure
	})
}

func unusedUnlessOK(c Check) Check {
	if c.State == OK {
		return c
	}
	return Check{Name: c.Name, State: Unused, Detail: c.Detail}
}

func (v Verifier) name() Check {
	leaf, name := v.Shown[0], v.Host.ServerName()
	if err := leaf.VerifyHostname(name); err == nil {
		return Check{Name: "name", State: OK, Detail: "the certificate is for " + name}
	}
	names := namesIn(leaf)
	detail := "the certificate is for " + strings.Join(names, ", ") + ", not for " + name
	if len(names) == 0 {
		detail = "the certificate has no subjectAltName; clients ignore its CN"
	}
	return Check{Name: "name", State: Wrong, Detail: detail, Fix: Reissue, Names: append(names, name)}
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
			fix := Renew
			if c.IsCA {
				fix = NewCA
			}
			return Check{Name: "expiry", State: Wrong, Detail: subject(c) + " expired on " + day(c.NotAfter), Fix: fix}
		case v.Now.Before(c.NotBefore):
			return Check{Name: "expiry", State: Wrong, Detail: subject(c) + " is not valid before " + day(c.NotBefore) + ": compare the clocks", Fix: SetClock}
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
		check.State, check.Fix = Wrong, RepairSigner
		names = append(names, top.Issuer.String()+" (the server sends one with another key than the one that signed)")
	default:
		names = append(names, top.Issuer.String()+" (not sent)")
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
	switch {
	case err != nil:
		check.State, check.Detail, check.Fix = Wrong, err.Error(), TrustCA
	case src.insecure != "":
		return Check{Name: string(t), State: Insecure, Detail: "the certificate is not verified: " + src.insecure, Fix: VerifyAgain}
	case len(v.Shown) == 0:
		check.State, check.Detail = Wrong, "requires TLS, which the registry does not use"
	default:
		if by := v.trustedBy(src.roots); by != "" {
			return Check{Name: string(t), State: OK, Detail: "by " + by}
		}
		check.State = Wrong
		check.Detail, check.Fix = v.why(t, src)
	}
	if !slices.Contains(v.Targets, t) {
		return unusedUnlessOK(check)
	}
	return v.locate(check)
}

func (v Verifier) regctl() Check {
	check := Check{Name: "regctl", State: Wrong, Detail: "no directory of docker or containers has its CA", Fix: TrustCA}
	var roots []CA
	for _, dir := range v.Place.CertFolders(v.Host.String()) {
		folder, err := v.Place.ReadFolder(dir)
		if err == nil && folder != nil {
			roots, err = append(roots, folder.All...), folder.Err
		}
		if err != nil {
			check.Detail, check.Fix = err.Error(), Nothing
			return check
		}
	}
	if by := v.trustedBy(roots); by != "" {
		return Check{Name: "regctl", State: OK, Detail: "by " + by}
	}
	if !slices.Contains(v.Targets, Containers) && !slices.Contains(v.Targets, Docker) { // regctl reads their files
		return unusedUnlessOK(check)
	}
	return v.locate(check)
}

// trustedBy tells which of the roots, or else the system, has issued the server's certificate.
// Its name and its dates are checks of their own, so they do not count here.
func (v Verifier) trustedBy(roots []CA) string {
	for _, ca := range roots {
		if v.issuedBy(ca.Cert) && !v.Now.After(ca.Cert.NotAfter) && !v.Now.Before(ca.Cert.NotBefore) {
			return ca.Path
		}
	}
	if v.System != nil && v.verify(v.System) == nil {
		return "the system's roots"
	}
	return ""
}

// issuedBy tells whether a CA has issued the server's certificate, whatever the dates of both.
func (v Verifier) issuedBy(ca *x509.Certificate) bool {
	pool := x509.NewCertPool()
	pool.AddCert(v.undated(ca))
	return v.verify(pool) == nil
}

func (v Verifier) verify(pool *x509.CertPool) error {
	between := x509.NewCertPool()
	for _, c := range v.Shown[1:] {
		between.AddCert(v.undated(c))
	}
	_, err := v.undated(v.Shown[0]).Verify(x509.VerifyOptions{Roots: pool, Intermediates: between, CurrentTime: v.Now})
	return err
}

// undated is a certificate that is valid now.
func (v Verifier) undated(c *x509.Certificate) *x509.Certificate {
	valid := *c
	valid.NotBefore, valid.NotAfter = v.Now.Add(-time.Hour), v.Now.Add(time.Hour)
	return &valid
}

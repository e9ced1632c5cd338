package certs

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/pkg/hint"
)

// renewBefore is how long before its end a certificate is replaced; one that
// lives shorter than three times as long is kept for two thirds of its life.
const renewBefore = 30 * 24 * time.Hour

// NoneThere is the reason that EnsureServer gives where there was no pair.
const NoneThere = "did not exist"

// CreateServer makes a key and a certificate for names (host names and IP
// addresses; the first is the common name) and replaces the existing ones.
func (ca *CA) CreateServer(files PairFiles, names []string, o Options) (*x509.Certificate, error) {
	o = o.filled(ServerDays)
	list, err := ca.checked(files, names)
	if err != nil {
		return nil, err
	}
	key, text, err := newKey(o.KeyType)
	if err != nil {
		return nil, err
	}
	return ca.issue(files.Cert, serverTemplate(key.Public(), list, o), key.Public(), o, file{files.Key, text, privateMode})
}

func (ca *CA) checked(files PairFiles, names []string) (Names, error) {
	list, err := ParseNames(names)
	if err != nil {
		return list, err
	}
	return list, ca.apart(files.Cert, files.Key)
}

// apart refuses to write over the CA's own files.
func (ca *CA) apart(written ...string) error {
	return distinct(written, ca.files.Cert, ca.files.Key, ca.files.Serial)
}

// EnsureServer keeps a pair that this CA signed, for servers, that has all the
// names and lives for some time yet; else it creates the pair again. why says the
// reason in a few words. A key alone, which a killed program leaves, stays and gets
// its certificate. A certificate alone is replaced, with a new key, where this CA
// signed it for servers; else it is an error.
func (ca *CA) EnsureServer(files PairFiles, names []string, o Options) (made bool, why string, err error) {
	o = o.filled(ServerDays)
	list, err := ca.checked(files, names)
	if err != nil {
		return false, "", err
	}
	found, err := there(files.Cert, files.Key)
	if len(found) == 1 {
		settle(ca.files.Serial)
		found, err = there(files.Cert, files.Key)
	}
	switch {
	case err != nil:
		return false, "", err
	case len(found) == 1 && found[0] == files.Key:
		err = ca.complete(files, list, o)
		return err == nil, "the certificate was missing, the key is kept", err
	case len(found) == 1:
		why, err = "the key was missing", ca.mine(files)
	case len(found) == 0:
		why = NoneThere
	default:
		why, err = ca.stale(files, list, o.Now())
	}
	if err != nil || why == "" {
		return false, "valid", err
	}
	_, err = ca.CreateServer(files, names, o)
	return err == nil, why, err
}

// complete makes the certificate for a key without a certificate.
func (ca *CA) complete(files PairFiles, names Names, o Options) error {
	key, err := ReadKey(files.Key)
	if err == nil {
		err = tooWeak(files.Key, key.Public())
	}
	if err != nil {
		return err
	}
	_, err = ca.issue(files.Cert, serverTemplate(key.Public(), names, o), key.Public(), o)
	return err
}

// mine refuses to replace a certificate without a key that is not a server's of this CA.
func (ca *CA) mine(files PairFiles) error {
	chain, err := ReadChain(files.Cert)
	if err == nil && !chain[0].IsCA && chain[0].CheckSignatureFrom(ca.Cert()) == nil && forServers(chain[0]) {
		return nil
	}
	return hint.Errorf("put "+files.Key+" back, or move "+files.Cert+" away",
		"%s: key %s not found", files.Cert, files.Key)
}

// stale says why a pair cannot stay; "" where it can.
func (ca *CA) stale(files PairFiles, names Names, now time.Time) (string, error) {
	chain, err := ReadChain(files.Cert)
	if err != nil {
		return reason(err)
	}
	key, err := ReadKey(files.Key)
	if err != nil {
		return reason(err)
	}
	return ca.unfit(chain[0], key.Public(), names, now), nil
}

// reason is why an unreadable file is replaced. A missing permission or passphrase is no reason.
func reason(err error) (why string, _ error) {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, errLocked) {
		return "", err
	}
	return err.Error(), nil
}

func (ca *CA) unfit(cert *x509.Certificate, pub crypto.PublicKey, names Names, now time.Time) string {
	if !matches(cert, pub) {
		return "the key did not match the certificate"
	}
	if now.After(cert.NotAfter) {
		return "expired on " + day(cert.NotAfter)
	}
	if now.Before(cert.NotBefore) {
		return "not valid before " + day(cert.NotBefore)
	}
	early := min(renewBefore, cert.NotAfter.Sub(cert.NotBefore)/3)
	if now.Add(early).After(cert.NotAfter) {
		return "expires on " + day(cert.NotAfter)
	}
	if cert.CheckSignatureFrom(ca.Cert()) != nil {
		return "not signed by " + ca.Cert().Subject.String()
	}
	if !forServers(cert) {
		return "not for servers (no serverAuth)"
	}
	if !signsHandshakes(cert) {
		return "not for servers (no digitalSignature)"
	}
	if name := missing(cert, names); name != "" {
		return fmt.Sprintf("not valid for %s", name)
	}
	return ""
}

func forServers(cert *x509.Certificate) bool {
	any := len(cert.ExtKeyUsage)+len(cert.UnknownExtKeyUsage) == 0
	return any || slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageServerAuth) || slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageAny)
}

// signsHandshakes tells whether a key may be used as TLS 1.3, and all of TLS 1.2 that is still safe, uses it.
func signsHandshakes(cert *x509.Certificate) bool {
	return cert.KeyUsage == 0 || cert.KeyUsage&x509.KeyUsageDigitalSignature != 0
}

// missing is the first name that a certificate does not list.
func missing(cert *x509.Certificate, names Names) string {
	for _, name := range names.DNS {
		if !slices.ContainsFunc(cert.DNSNames, func(has string) bool { return strings.EqualFold(has, name) }) {
			return name
		}
	}
	for _, ip := range names.IP {
		if !slices.ContainsFunc(cert.IPAddresses, ip.Equal) {
			return ip.String()
		}
	}
	return ""
}

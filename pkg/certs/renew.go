package certs

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"net/netip"
	"slices"

	"github.com/regctl/regctl/pkg/hint"
)

// Renew signs a server certificate again: the same subject, names and purposes, a
// new serial number and a new validity. The key stays, unless newKey is set: then
// a key of the same kind (or of o.KeyType) replaces it. files.Key may be empty
// where the key stays. A certificate that this CA has not signed is refused.
func (ca *CA) Renew(files PairFiles, newKeyToo bool, o Options) (*x509.Certificate, error) {
	kind := o.KeyType
	o = o.filled(ServerDays)
	if err := ca.apart(files.Cert, files.Key); err != nil {
		return nil, err
	}
	old, err := ca.renewable(files)
	if err != nil {
		return nil, err
	}
	if !newKeyToo {
		return ca.issue(files.Cert, ca.again(old, old.PublicKey, o), old.PublicKey, o)
	}
	if _, ok := old.PublicKey.(*rsa.PublicKey); ok && kind == "" {
		o.KeyType = RSA
	}
	key, text, err := newKey(o.KeyType)
	if err != nil {
		return nil, err
	}
	return ca.issue(files.Cert, ca.again(old, key.Public(), o), key.Public(), o, file{files.Key, text, privateMode})
}

// renewable reads the certificate and refuses what this CA cannot renew.
func (ca *CA) renewable(files PairFiles) (*x509.Certificate, error) {
	chain, err := ReadChain(files.Cert)
	if err != nil {
		return nil, err
	}
	old, look := chain[0], "regctl ca inspect "+files.Cert
	if files.Key != "" {
		key, err := ReadKey(files.Key)
		if err != nil {
			return nil, err
		}
		if !matches(old, key.Public()) {
			return nil, hint.Errorf(look+" --key "+files.Key, "%s: does not match the certificate in %s", files.Key, files.Cert)
		}
	}
	switch {
	case old.IsCA:
		return nil, hint.Errorf(look, "%s: is a CA certificate; only server certificates can be renewed", files.Cert)
	case old.CheckSignatureFrom(ca.Cert()) != nil:
		return nil, hint.Errorf("--signer-cert and --signer-key must specify its issuer; to show it: "+look,
			"%s: not signed by %s (%s)", files.Cert, ca.Cert().Subject, ca.files.Cert)
	case !forServers(old):
		return nil, hint.Errorf(look, "%s: not a server certificate", files.Cert)
	}
	return old, nil
}

// again is the template of a certificate that takes an old one's place.
func (ca *CA) again(old *x509.Certificate, pub crypto.PublicKey, o Options) *x509.Certificate {
	t := serverTemplate(pub, Names{DNS: old.DNSNames, IP: old.IPAddresses}, Options{})
	t.RawSubject, t.EmailAddresses, t.URIs = old.RawSubject, old.EmailAddresses, old.URIs
	if len(old.ExtKeyUsage) > 0 {
		t.ExtKeyUsage = old.ExtKeyUsage
	}
	cn := old.Subject.CommonName
	if names, err := ParseNames([]string{cn}); err == nil && len(addresses(t.DNSNames, t.IPAddresses)) == 0 {
		o.Warn("its name was only a common name, which clients ignore: added %s as a subject alternative name", cn)
		t.DNSNames, t.IPAddresses = names.DNS, names.IP
	}
	return t
}

// ListedNames are the DNS names and IP addresses that a certificate is valid for,
// each once, though oadm lists an address as DNS name too.
func ListedNames(cert *x509.Certificate) []string {
	dns := slices.DeleteFunc(slices.Clone(cert.DNSNames), func(name string) bool {
		a, err := netip.ParseAddr(name)
		return err == nil && slices.Contains(addresses(nil, cert.IPAddresses), a.String())
	})
	return addresses(dns, cert.IPAddresses)
}

func addresses[T fmt.Stringer](dns []string, ips []T) []string {
	list := slices.Clone(dns)
	for _, ip := range ips {
		list = append(list, ip.String())
	}
	return list
}

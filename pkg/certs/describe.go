package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"math"
	"strings"
	"time"
)

// Description says what a certificate is, for people and scripts.
type Description struct {
	Subject        string    `json:"subject"` // RFC 2253
	Issuer         string    `json:"issuer"`
	Names          []string  `json:"names"`  // DNS names, then IP addresses
	Serial         string    `json:"serial"` // upper-case hex of even length
	NotBefore      time.Time `json:"notBefore"`
	NotAfter       time.Time `json:"notAfter"`
	DaysLeft       int       `json:"daysLeft"` // whole days; negative once expired
	Key            string    `json:"key"`      // ECDSA P-256, RSA 2048, Ed25519
	Signature      string    `json:"signature"`
	Usages         []string  `json:"usages"`
	CA             bool      `json:"ca"`
	SelfSigned     bool      `json:"selfSigned"`
	SHA256         string    `json:"sha256"` // fingerprint, as Fingerprint gives it
	SubjectKeyID   string    `json:"subjectKeyId,omitempty"`
	AuthorityKeyID string    `json:"authorityKeyId,omitempty"`
	Warnings       []string  `json:"warnings"`
}

// Describe describes the certificates of a chain, leaf first, at the time now.
func Describe(chain []*x509.Certificate, now time.Time) []Description {
	list := make([]Description, len(chain))
	for i, cert := range chain {
		d := describe(cert, now)
		if i > 0 && !chain[0].IsCA && chain[i-1].CheckSignatureFrom(cert) != nil {
			d.Warnings = append(d.Warnings, fmt.Sprintf("has not signed certificate %d: the chain is broken or in the wrong order", i))
		}
		list[i] = d
	}
	return list
}

func describe(cert *x509.Certificate, now time.Time) Description {
	return Description{
		Subject: cert.Subject.String(), Issuer: cert.Issuer.String(),
		Names: append([]string{}, ListedNames(cert)...), Serial: strings.TrimSpace(string(formatSerial(cert.SerialNumber))),
		NotBefore: cert.NotBefore.UTC(), NotAfter: cert.NotAfter.UTC(),
		DaysLeft: int(math.Floor(cert.NotAfter.Sub(now).Hours() / 24)),
		Key:      keyName(cert.PublicKey), Signature: cert.SignatureAlgorithm.String(), Usages: usages(cert),
		CA: cert.BasicConstraintsValid && cert.IsCA, SelfSigned: selfSignedCert(cert), SHA256: Fingerprint(cert),
		SubjectKeyID: colons(cert.SubjectKeyId), AuthorityKeyID: colons(cert.AuthorityKeyId),
		Warnings: certificateWarnings(cert, now),
	}
}

func selfSignedCert(cert *x509.Certificate) bool {
	return string(cert.RawIssuer) == string(cert.RawSubject) &&
		cert.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) == nil
}

// certificateWarnings are reasons why clients would, or will soon, refuse a certificate.
func certificateWarnings(cert *x509.Certificate, now time.Time) []string {
	list := []string{}
	add := func(when bool, format string, args ...any) {
		if when {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	expired := now.After(cert.NotAfter)
	add(expired, "expired on %s", day(cert.NotAfter))
	add(!expired && now.Add(renewBefore).After(cert.NotAfter), "expires on %s", day(cert.NotAfter))
	add(now.Before(cert.NotBefore), "not valid before %s", day(cert.NotBefore))
	bits := weakBits(cert.PublicKey)
	add(bits > 0, "weak: RSA key of only %d bits", bits)
	sha1 := cert.SignatureAlgorithm == x509.SHA1WithRSA || cert.SignatureAlgorithm == x509.ECDSAWithSHA1
	old := cert.SignatureAlgorithm == x509.MD5WithRSA || cert.SignatureAlgorithm == x509.MD2WithRSA
	add((sha1 || old) && !selfSignedCert(cert), "weak: signed with %s, which clients reject", cert.SignatureAlgorithm)
	if !cert.IsCA {
		add(len(addresses(cert.DNSNames, cert.IPAddresses)) == 0, "no subject alternative names: clients ignore the common name")
		add(!forServers(cert), "not for servers: no serverAuth usage")
		add(!signsHandshakes(cert), "not for servers: no digitalSignature usage")
	}
	return list
}

func keyName(pub crypto.PublicKey) string {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return "unknown"
}

// usages are named as RFC 5280 names them.
func usages(cert *x509.Certificate) []string {
	list := []string{}
	for i, name := range []string{"digitalSignature", "contentCommitment", "keyEncipherment", "dataEncipherment",
		"keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly"} {
		if cert.KeyUsage&(1<<i) != 0 {
			list = append(list, name)
		}
	}
	for _, u := range cert.ExtKeyUsage {
		list = append(list, u.String())
	}
	for _, oid := range cert.UnknownExtKeyUsage {
		list = append(list, oid.String())
	}
	return list
}

// Fingerprint is the SHA-256 of a certificate as openssl prints it: AB:CD:….
func Fingerprint(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return colons(sum[:])
}

func colons(b []byte) string {
	return strings.ReplaceAll(fmt.Sprintf("% X", b), " ", ":")
}

// KeyMatches tells whether the key of a file is that of a certificate.
func KeyMatches(cert *x509.Certificate, keyPath string) (bool, error) {
	key, err := ReadKey(keyPath)
	if err != nil {
		return false, err
	}
	return matches(cert, key.Public()), nil
}

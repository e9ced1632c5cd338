// Package certs makes certificate authorities and server certificates, signs
// requests, renews, and describes what is in a certificate file.
//
// Files are those of "oadm ca": a certificate file holds the leaf and its
// signer's chain (PEM, 0644), a key file one private key (PEM, 0600), a serial
// file the last serial number given (hex). A failed call leaves every file as it was.
package certs

import (
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"github.com/regctl/regctl/pkg/hint"
)

// Days that certificates are valid for, where Options.Days is 0.
const (
	ServerDays = 730
	CADays     = 1825
)

// KeyType is the kind of a new private key.
type KeyType string

// The kinds of new keys.
const (
	ECDSA KeyType = "ecdsa" // P-256 in an EC PRIVATE KEY block
	RSA   KeyType = "rsa"   // 2048 bits in an RSA PRIVATE KEY block (PKCS#1), as oadm makes them
)

// CAFiles are the paths of a certificate authority. An empty Serial means random
// serial numbers, which need no file.
type CAFiles struct{ Cert, Key, Serial string }

// PairFiles are the paths of a certificate and its key.
type PairFiles struct{ Cert, Key string }

// Options say how certificates are made. The zero value is good.
type Options struct {
	Now     func() time.Time                 // by default time.Now
	Rand    io.Reader                        // for random serial numbers; by default crypto/rand
	KeyType KeyType                          // by default ECDSA
	Days    int                              // of validity; 0 is ServerDays or CADays
	IPAsDNS bool                             // name IP addresses as DNS names too, as oadm did
	Warn    func(format string, args ...any) // receives warnings; may be nil
}

func (o Options) filled(days int) Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.KeyType == "" {
		o.KeyType = ECDSA
	}
	if o.Days == 0 {
		o.Days = days
	}
	if o.Warn == nil {
		o.Warn = func(string, ...any) {}
	}
	return o
}

// maxDays keeps the end of validity within what a certificate can express.
const maxDays = 36525

// skew is how far a certificate's start lies in the past, for clocks that are behind.
const skew = 5 * time.Minute

// validity returns when a certificate starts and ends; more than usual days is worth a warning.
func (o Options) validity(usual int) (from, to time.Time, err error) {
	if o.Days < 0 || o.Days > maxDays {
		err := fmt.Errorf("%d days of validity: must be from 1 to %d", o.Days, maxDays)
		return from, to, hint.BadUsage(err, fmt.Sprintf("--expire-days %d", usual))
	}
	if o.Days > usual {
		o.Warn("valid for %d days, more than the usual %d: a leaked key can be misused for that time", o.Days, usual)
	}
	now := o.Now().UTC().Truncate(time.Second)
	return now.Add(-skew), now.AddDate(0, 0, o.Days), nil
}

// day prints a moment for people.
func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

package certs

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cloudflare/cfssl/helpers"
	"github.com/regctl/regctl/pkg/hint"
)

// CA is a certificate authority that can sign.
type CA struct {
	Chain []*x509.Certificate // its own first, then those above it
	files CAFiles
	key   crypto.Signer
}

// Cert is the CA's own certificate.
func (ca *CA) Cert() *x509.Certificate { return ca.Chain[0] }

// PEM is the CA's certificate and those above it.
func (ca *CA) PEM() []byte { return helpers.EncodeCertificatesPEM(ca.Chain) }

// EnsureCA makes a CA where neither its certificate nor its key is there, else
// loads and checks it, as LoadCA does. made tells which. One of the two files
// alone is an error: nothing is replaced.
func EnsureCA(files CAFiles, name string, o Options) (ca *CA, made bool, err error) {
	ca, err = createCA(files, name, o, false)
	if !errors.Is(err, errThere) {
		return ca, err == nil, err
	}
	now := o.filled(CADays).Now()
	if ca, err = LoadCA(files, now); errors.Is(err, fs.ErrNotExist) {
		settle(files.Serial)
		ca, err = LoadCA(files, now)
	}
	return ca, false, err
}

// CreateCA makes a self-signed CA, replaces what is there, and starts its serial file anew.
func CreateCA(files CAFiles, name string, o Options) (*CA, error) {
	return createCA(files, name, o, true)
}

var errThere = errors.New("is already there")

func createCA(files CAFiles, name string, o Options, overwrite bool) (*CA, error) {
	o = o.filled(CADays)
	if err := distinct([]string{files.Cert, files.Key, files.Serial}); err != nil {
		return nil, err
	}
	if !overwrite {
		if found, err := there(files.Cert, files.Key); err != nil || len(found) > 0 {
			return nil, errors.Join(err, whenAny(found))
		}
	}
	cert, key, keyText, err := selfSigned(name, o)
	if err != nil {
		return nil, err
	}
	ca := &CA{Chain: []*x509.Certificate{cert}, files: files, key: key}
	write := []file{{files.Key, keyText, privateMode}, {files.Cert, ca.PEM(), publicMode}}
	if files.Serial == "" {
		return ca, commit(write...)
	}
	return ca, ca.commitFirst(write, overwrite)
}

func whenAny(found []string) error {
	if len(found) > 0 {
		return errThere
	}
	return nil
}

// commitFirst writes a CA's files under the lock of its serial file, so that of
// two processes that find no CA only one makes it.
func (ca *CA) commitFirst(write []file, overwrite bool) (err error) {
	serial := ca.files.Serial
	rmdir, err := makeDir(filepath.Dir(serial))
	if err != nil {
		return notWritten(serial, err)
	}
	unlock, err := lock(serial)
	if err != nil {
		rmdir()
		return err
	}
	if !overwrite {
		var found []string
		found, err = there(ca.files.Cert, ca.files.Key)
		err = errors.Join(err, whenAny(found))
	}
	if err == nil {
		err = commit(append([]file{{serial, []byte("00\n"), publicMode}}, write...)...)
	}
	unlock()
	if err != nil {
		rmdir() // empty folders only
	}
	return err
}

// selfSigned makes a CA certificate. Its own serial number is random: a CA that is
// made anew under the same name would else be taken for the old one.
func selfSigned(name string, o Options) (*x509.Certificate, crypto.Signer, []byte, error) {
	from, to, err := o.validity(CADays)
	if err != nil {
		return nil, nil, nil, err
	}
	if strings.TrimSpace(name) == "" {
		return nil, nil, nil, hint.BadUsage(errors.New("the signer needs a name"), "--name my-signer")
	}
	serial, err := randomSerial(o.Rand)
	if err != nil {
		return nil, nil, nil, err
	}
	key, text, err := newKey(o.KeyType)
	if err != nil {
		return nil, nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to,
		KeyUsage: keyUsage(key.Public()) | x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:     true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return cert, key, text, err
}

// LoadCA reads a CA and refuses one that cannot sign at the time now: a key that
// is not its certificate's, no CA certificate, expired, a serial file that is missing or wrong.
func LoadCA(files CAFiles, now time.Time) (*CA, error) {
	found, err := there(files.Cert, files.Key)
	if err != nil {
		return nil, hint.New(err, "sudo, or as the user who owns it")
	}
	if len(found) == 0 {
		return nil, hint.Errorf(files.create(), "%s: there is no CA", files.Cert)
	}
	chain, err := ReadChain(files.Cert)
	if err != nil {
		return nil, hint.New(err, files.half(err))
	}
	key, err := ReadKey(files.Key)
	if err != nil {
		return nil, hint.New(err, files.half(err))
	}
	ca := &CA{Chain: chain, files: files, key: key}
	if err := ca.check(now); err != nil {
		return nil, err
	}
	if files.Serial != "" {
		_, err = readSerial(files.Serial)
	}
	return ca, err
}

func (ca *CA) check(now time.Time) error {
	cert, path := ca.Cert(), ca.files.Cert
	switch {
	case !matches(cert, ca.key.Public()):
		return hint.Errorf("regctl ca inspect "+path+" --key "+ca.files.Key, "%s: is not the key of the certificate in %s", ca.files.Key, path)
	case !cert.IsCA || !cert.BasicConstraintsValid:
		return hint.Errorf("give the signer's own certificate: regctl ca inspect "+path+" shows what this is", "%s: is no CA certificate, it cannot sign", path)
	case cert.KeyUsage != 0 && cert.KeyUsage&x509.KeyUsageCertSign == 0:
		return hint.Errorf("regctl ca inspect "+path, "%s: its key usage does not allow it to sign certificates", path)
	case now.After(cert.NotAfter):
		return hint.Errorf(ca.files.create()+" makes a new one; then trust it wherever the old one was", "%s: the signer expired on %s", path, day(cert.NotAfter))
	case now.Before(cert.NotBefore):
		return hint.Errorf("look at this machine's clock: date", "%s: the signer is valid only from %s", path, day(cert.NotBefore))
	}
	return nil
}

func (f CAFiles) create() string {
	return fmt.Sprintf("regctl ca create-signer-cert --cert %s --key %s --serial=%s", f.Cert, f.Key, f.Serial)
}

// half is advice where only one of a CA's files is there. It names no command that
// makes a CA: that would replace the file that is left.
func (f CAFiles) half(err error) string {
	if errors.Is(err, os.ErrNotExist) {
		return "correct the path, or put the missing file back"
	}
	return ""
}

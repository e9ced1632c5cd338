package certs

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/regctl/regctl/pkg/hint"
)

// EnsureCA creates a CA where neither its certificate nor its key exists, else
// loads and checks it, as LoadCA does. made tells which. A key alone that has signed
// nothing yet is what a killed program leaves: it gets its certificate. A certificate
// alone, or a key that has signed, is an error: clients may trust that CA.
func EnsureCA(files CAFiles, name string, o Options) (ca *CA, made bool, err error) {
	ca, err = createCA(files, name, o, false)
	if !errors.Is(err, errThere) {
		return ca, err == nil, err
	}
	now := o.filled(CADays).Now()
	if ca, err = LoadCA(files, now); !errors.Is(err, fs.ErrNotExist) {
		return ca, false, err
	}
	if files.unfinished() {
		if ca, err = completeCA(files, name, o); !errors.Is(err, errThere) {
			return ca, err == nil, err
		}
	}
	ca, err = LoadCA(files, now) // another process may have made the rest meanwhile
	return ca, false, err
}

// CreateCA creates a self-signed CA and starts its serial file again. Existing files are
// replaced, and copies of them are kept: see Backups.
func CreateCA(files CAFiles, name string, o Options) (*CA, error) {
	return createCA(files, name, o, true)
}

var errThere = errors.New("already exists")

func createCA(files CAFiles, name string, o Options, overwrite bool) (*CA, error) {
	o = o.filled(CADays)
	if err := distinct([]string{files.Cert, files.Key, files.Serial}); err != nil {
		return nil, err
	}
	vacant := func() error {
		found, err := there(files.Cert, files.Key)
		if err == nil && len(found) > 0 && !overwrite {
			err = errThere
		}
		return err
	}
	if err := vacant(); err != nil {
		return nil, err
	}
	key, text, err := newKey(o.KeyType)
	if err != nil {
		return nil, err
	}
	ca, err := selfSigned(files, name, key, o)
	if err != nil {
		return nil, err
	}
	return ca, files.locked(func() error {
		if err := vacant(); err != nil {
			return err
		}
		backup, err := files.backup(o.Now())
		if err != nil {
			return err
		}
		return commit(append(backup, files.inOrder(text, ca.PEM())...)...)
	})
}

// completeCA makes the certificate for a key that has no certificate and has signed nothing.
func completeCA(files CAFiles, name string, o Options) (ca *CA, err error) {
	err = files.locked(func() error {
		if !files.unfinished() {
			return errThere
		}
		key, err := ReadKey(files.Key)
		if err == nil {
			err = tooWeak(files.Key, key.Public())
		}
		if err != nil {
			return err
		}
		if ca, err = selfSigned(files, name, key, o.filled(CADays)); err != nil {
			return err
		}
		return commit(files.inOrder(nil, ca.PEM())...)
	})
	return ca, err
}

// unfinished tells whether only the key exists, and no serial file that says that it has signed something.
func (f CAFiles) unfinished() bool {
	found, err := there(f.Cert, f.Key)
	if err != nil || !slices.Equal(found, []string{f.Key}) {
		return false
	}
	if f.Serial == "" {
		return true
	}
	last, err := readSerial(f.Serial)
	return err == nil && last.BitLen() <= 1 || errors.Is(err, fs.ErrNotExist)
}

// inOrder is the order in which a CA's files are written: whoever is killed on the
// way leaves a key that nobody knows yet, never a new certificate without its key. The
// serial file is first where there is none; else last, for until then the old CA counts on.
func (f CAFiles) inOrder(key, cert []byte) []file {
	list := []file{{f.Cert, cert, publicMode}}
	if key != nil {
		list = slices.Insert(list, 0, file{f.Key, key, privateMode})
	}
	if f.Serial == "" {
		return list
	}
	at := 0
	if _, err := readSerial(f.Serial); err == nil {
		at = len(list)
	}
	return slices.Insert(list, at, file{f.Serial, []byte("00\n"), publicMode})
}

// locked does something under the lock of the serial file, so that of two processes
// that find no CA only one makes it.
func (f CAFiles) locked(do func() error) error {
	if f.Serial == "" {
		return do()
	}
	rmdir, err := makeDir(filepath.Dir(f.Serial))
	if err != nil {
		return notWritten(f.Serial, err)
	}
	unlock, err := lock(f.Serial)
	if err != nil {
		rmdir()
		return err
	}
	err = do()
	unlock()
	if err != nil {
		rmdir() // empty directories only
	}
	return err
}

// selfSigned makes a CA of a key. Its own serial number is random: a CA that is made
// anew under the same name would else be taken for the old one.
func selfSigned(files CAFiles, name string, key crypto.Signer, o Options) (*CA, error) {
	from, to, err := o.validity(CADays)
	if err != nil {
		return nil, err
	}
	if err := goodName(name); err != nil {
		return nil, err
	}
	serial, err := randomSerial(o.Rand)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to,
		KeyUsage: keyUsage(key.Public()) | x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:     true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &CA{Chain: []*x509.Certificate{cert}, files: files, key: key}, err
}

// maxName is what fits into a common name (RFC 5280, ub-common-name).
const maxName = 64

func goodName(name string) error {
	if strings.TrimSpace(name) == "" {
		return hint.BadUsage(errors.New("the signer requires a name"), "--name my-signer")
	}
	if n := utf8.RuneCountInString(name); n > maxName {
		return hint.BadUsage(fmt.Errorf("the signer's name has %d characters, the limit is %d", n, maxName), "--name my-signer")
	}
	return nil
}

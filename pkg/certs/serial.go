package certs

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/regctl/regctl/pkg/atomicfile"
	"github.com/regctl/regctl/pkg/hint"
)

// maxSerialBits is what RFC 5280 allows: 20 octets, positive.
const maxSerialBits = 159

// parseSerial reads a serial file: the last number given, in hex, as openssl and
// oadm since 1.3 write it. The decimal files of older ones are read as hex too:
// that is never less, so no number is given twice.
func parseSerial(text []byte) (*big.Int, error) {
	s := strings.TrimSpace(string(text))
	if s == "" {
		return nil, errors.New("is empty")
	}
	if strings.HasPrefix(s, "-") {
		return nil, errors.New("contains a negative number")
	}
	if strings.Trim(s, "0123456789abcdefABCDEF") != "" {
		return nil, errors.New("contains no hexadecimal number")
	}
	n, _ := new(big.Int).SetString(s, 16)
	if n.BitLen() > maxSerialBits {
		return nil, errors.New("contains a number that is too long for a certificate")
	}
	return n, nil
}

// formatSerial writes a serial file: upper-case hex of even length, and a line end.
func formatSerial(n *big.Int) []byte {
	s := fmt.Sprintf("%X", n)
	if len(s)%2 == 1 {
		s = "0" + s
	}
	return []byte(s + "\n")
}

func readSerial(path string) (*big.Int, error) {
	fix := fmt.Sprintf("printf '00\\n' > %s if the CA has issued no certificates; or specify an empty serial file name to use random serial numbers", path)
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, hint.New(pathError(path, err), fix)
	}
	n, err := parseSerial(b)
	if err != nil {
		return nil, hint.Errorf(fix, "%s: the serial file %w", path, err)
	}
	return n, nil
}

// withSerial calls use with the next serial number, while no other process can
// take one from the same file. use commits update together with its own files.
func withSerial(path string, rnd io.Reader, use func(serial *big.Int, update []file) error) error {
	if path == "" {
		n, err := randomSerial(rnd)
		if err != nil {
			return err
		}
		return use(n, nil)
	}
	unlock, err := lock(path)
	if err != nil {
		return err
	}
	defer unlock()
	last, err := readSerial(path)
	if err != nil {
		return err
	}
	next := last.Add(last, big.NewInt(1))
	if next.Cmp(big.NewInt(2)) < 0 { // 1 is the CA's own
		next.SetInt64(2)
	}
	if next.BitLen() > maxSerialBits {
		return hint.Errorf("specify an empty serial file name to use random serial numbers", "%s: no serial number left", path)
	}
	return use(next, []file{{path, formatSerial(next), 0o644}})
}

func randomSerial(rnd io.Reader) (*big.Int, error) {
	n, err := rand.Int(rnd, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	return n.SetBit(n, 126, 1), nil
}

// lock lets one process at a time work with a serial file and what is written with
// it. It locks a file of its own, for the serial file is replaced half-way through.
// Whoever holds the lock removes that file, so what was locked must still be there.
func lock(serial string) (unlock func(), err error) {
	path := serial + ".lock"
	for range 1500 {
		l := flock.New(path, flock.SetPermissions(0o644))
		ok, err := l.TryLock()
		if err != nil {
			advice := "the directory must be writable: ls -ld " + filepath.Dir(serial) + "; or specify an empty serial file name to use random serial numbers"
			return nil, hint.Errorf(advice, "%s: cannot be locked: %w", serial, atomicfile.Cause(err))
		}
		if ok && sameAsNow(l, path) {
			return func() { _ = os.Remove(path); _ = l.Close() }, nil
		}
		_ = l.Close()
		time.Sleep(20 * time.Millisecond)
	}
	return nil, hint.Errorf("fuser -v "+path+" shows which", "%s: locked by another process for more than 30 seconds", serial)
}

// settle waits for a process that is just writing files under the lock of a serial
// file: half of them may be there. Where it cannot be locked nobody is.
func settle(serial string) {
	if serial == "" {
		return
	}
	if unlock, err := lock(serial); err == nil {
		unlock()
	}
}

func sameAsNow(l *flock.Flock, path string) bool {
	mine, err := l.Stat()
	now, err2 := os.Stat(path)
	return err == nil && err2 == nil && os.SameFile(mine, now)
}

// pathError names the file as the user did, once.
func pathError(path string, err error) error {
	return fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
}

package certs

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// backupMark stands between the name of a CA's file and the time when it was replaced.
const backupMark = ".regctl-backup-"

// backup are copies of the certificate and the key that are about to be replaced. They are
// written first: see recovered.
func (f CAFiles) backup(now time.Time) ([]file, error) {
	var list []file
	for _, from := range []file{{path: f.Key, mode: privateMode}, {path: f.Cert, mode: publicMode}} {
		found, err := there(from.path)
		if err != nil || len(found) == 0 {
			if err != nil {
				return nil, err
			}
			continue
		}
		if from.data, err = readFile(from.path); err != nil {
			return nil, err
		}
		from.path += backupMark + now.UTC().Format("20060102T150405Z")
		list = append(list, from)
	}
	return list, nil
}

// Backups are the copies of a file that CreateCA has kept, the oldest first.
func Backups(path string) []string {
	entries, _ := os.ReadDir(filepath.Dir(path)) // a directory that cannot be read has none
	var list []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(path)+backupMark) {
			list = append(list, filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
	return list
}

// recovered tells whether the key is a certificate's own again. CreateCA replaces the key
// before the certificate; killed in between, it leaves the old certificate with the new key,
// which nobody knows yet, and the old key in a backup.
func (f CAFiles) recovered(cert *x509.Certificate) bool {
	for _, name := range Backups(f.Key) {
		key, err := ReadKey(name)
		if err != nil || !matches(cert, key.Public()) {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return false
		}
		return f.locked(func() error { return commit(file{f.Key, text, privateMode}) }) == nil
	}
	return false
}

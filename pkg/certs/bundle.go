package certs

import (
	"os"
	"path/filepath"
)

// Bundle makes a CA called signer and a server certificate that it has signed for
// names, and returns the PEM files by their names: ca.crt, ca.key, tls.crt (with the
// CA's behind it) and tls.key. Nothing is left on disk.
func Bundle(signer string, names []string, o Options) (files map[string][]byte, err error) {
	dir, err := os.MkdirTemp("", "regctl-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if left := os.RemoveAll(dir); err == nil {
			err = left // a key must not stay behind unnoticed
		}
	}()
	path := func(name string) string { return filepath.Join(dir, name) }
	ca, err := CreateCA(CAFiles{Cert: path("ca.crt"), Key: path("ca.key")}, signer, o)
	if err != nil {
		return nil, err
	}
	if _, err := ca.CreateServer(PairFiles{Cert: path("tls.crt"), Key: path("tls.key")}, names, o); err != nil {
		return nil, err
	}
	files = map[string][]byte{}
	for _, name := range []string{"ca.crt", "ca.key", "tls.crt", "tls.key"} {
		if files[name], err = os.ReadFile(path(name)); err != nil {
			return nil, err
		}
	}
	return files, nil
}

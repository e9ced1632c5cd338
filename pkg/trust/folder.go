package trust

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
)

// Folder is what lies in a host's directory of a certs.d.
type Folder struct {
	Path  string
	Roots []CA              // of the .crt files, as docker and podman read them: they skip what they cannot read
	All   []CA              // of the .crt files, every certificate
	Err   error             // why All is not complete
	Pairs []tls.Certificate // of the .cert files with their .key
}

// CA is a certificate that a tool trusts, and the file it is read from.
type CA struct {
	Path string
	Cert *x509.Certificate
}

// ReadFolder reads a host's directory as docker and containers do: *.crt are roots,
// x.cert with x.key is a client's pair. A missing directory is nil. A .cert without
// its .key, or the reverse, is an error, as it is to those tools.
func (p Place) ReadFolder(dir string) (*Folder, error) {
	if !p.isDir(dir) {
		return nil, nil
	}
	names, err := p.names(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{Path: dir}
	for _, name := range names {
		if err := p.readInto(f, name, names); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (p Place) readInto(f *Folder, name string, names []string) error {
	file, stem := path.Join(f.Path, name), strings.TrimSuffix(name, path.Ext(name))
	switch path.Ext(name) {
	case ".crt":
		b, err := p.read(file)
		for _, c := range certsIn(b) {
			f.Roots = append(f.Roots, CA{p.shown(file), c})
		}
		if err == nil {
			f.addAll(p.shown(file), b)
		}
		return err
	case ".cert":
		if !slices.Contains(names, stem+".key") {
			return hint.New(fmt.Errorf("%s: a client certificate without its key %s.key", p.shown(file), stem), "a CA is to be named "+stem+".crt: mv "+p.shown(file)+" "+p.shown(path.Join(f.Path, stem+".crt")))
		}
		pair, err := p.pair(file, path.Join(f.Path, stem+".key"))
		if err != nil {
			return fmt.Errorf("%s: %w", p.shown(file), err)
		}
		f.Pairs = append(f.Pairs, pair)
	case ".key":
		if !slices.Contains(names, stem+".cert") {
			return hint.New(fmt.Errorf("%s: a client key without its certificate %s.cert", p.shown(file), stem), "add the certificate, or remove the key")
		}
	}
	return nil
}

func (f *Folder) addAll(file string, b []byte) {
	chain, err := certs.ParseChain(b)
	for _, c := range chain {
		f.All = append(f.All, CA{file, c})
	}
	if err != nil && f.Err == nil {
		f.Err = hint.New(fmt.Errorf("%s: %w", file, err), "replace or remove the file: "+file)
	}
}

func (p Place) pair(certFile, keyFile string) (tls.Certificate, error) {
	cert, err := p.read(certFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := p.read(keyFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	return certs.KeyPair(cert, key)
}

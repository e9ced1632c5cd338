// Package serve runs a registry on this machine. It creates what the user has not given:
// a CA, a certificate, a user with a password, trust files and a login, so that
// "regctl serve" alone gives a registry that accepts pushes.
package serve

import (
	"context"
	"io"
	"path/filepath"
	"time"

	"github.com/regctl/regctl/pkg/credentials"
)

// Settings are the user's settings of the registry. Empty ones are taken from
// REGISTRY_* variables, the configuration file, and then the defaults.
type Settings struct {
	Addr        string   // HOST:PORT to listen on; by default 127.0.0.1:5000
	Root        string   // directory of images, CA, certificate and users; by default World.Data
	Storage     string   // URL of the storage; by default Root
	TLSCert     string   // PEM files; by default a pair signed by the CA below Root
	TLSKey      string   //
	Hostnames   []string // more names for that certificate
	NoTLS       bool     // plain HTTP
	Insecure    bool     // plain HTTP also on addresses that other machines can reach
	Auth        string   // none or htpasswd
	Htpasswd    string   // file of users; by default Root/htpasswd
	Realm       string   // that clients are asked to log in to; only the configuration sets it
	ReadOnly    bool     // refuse pushes and deletions
	Proxy       string   // URL of the registry that this one caches
	CA          string   // PEM file of a CA for outgoing connections, to S3 or the proxied registry
	MetricsAddr string   // HOST:PORT of metrics without a password
	Config      string   // distribution's config.yml
	Trust       string   // where to install the CA: auto, user, system or none
	LogFormat   string   // text or json
}

// World is the machine and the user that the registry runs for.
type World struct {
	User     credentials.Env // environment and user id
	Data     string          // where Root is by default
	Hostname string          // of this machine
	Program  string          // the command by which the user runs regctl
	Now      func() time.Time
	Rand     io.Reader
	Log      io.Writer                        // for log lines
	Level    int                              // of the log: 0 is info, higher is more
	Say      func(format string, args ...any) // prints a line for the user
	Warn     func(format string, args ...any)
	Trust    func(ctx context.Context, hosts []string, ca []byte, scope string) (files []string, err error)
}

func (s Settings) ca() (cert, key, serial string) {
	dir := filepath.Join(s.Root, "ca")
	return filepath.Join(dir, "ca.crt"), filepath.Join(dir, "ca.key"), filepath.Join(dir, "ca.serial.txt")
}

func (s Settings) pair() (cert, key string) {
	return filepath.Join(s.Root, "tls", "server.crt"), filepath.Join(s.Root, "tls", "server.key")
}

// HtpasswdFile is the file of users in a root directory.
func HtpasswdFile(root string) string { return filepath.Join(root, "htpasswd") }

package serve

import (
	"context"
	"encoding/base32"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/atomicfile"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/loopback"
	"github.com/regctl/regctl/pkg/registry"
)

// admin is the user that is created if there is none.
const admin = "admin"

// users opens the password file: a given one, or our own, with a first user on first use.
func (r *run) openUsers() (err error) {
	if r.Auth != "htpasswd" {
		if r.Auth == "none" && !loopback.Is(r.addr) {
			r.Warn("--auth none on %s: everyone who can reach it can push and delete; remove --auth none", r.addr)
		}
		return nil
	}
	file := r.Htpasswd
	if file == "" {
		file = HtpasswdFile(r.Root)
		if err := r.firstUser(file); err != nil {
			return err
		}
	}
	if r.users, err = registry.OpenUsers(file, r.log); err != nil {
		return err
	}
	r.users.Realm = r.Realm
	if r.Htpasswd == "" && r.login == "" {
		err = r.rememberLogin()
	}
	return err
}

// firstUser creates the user admin with a random password. Its only clear copy is stored
// where docker and podman store theirs. Without such a place, nothing is created.
func (r *run) firstUser(file string) error {
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	random := make([]byte, 20) // 160 bits, 32 letters and digits
	if _, err := io.ReadFull(r.Rand, random); err != nil {
		return err
	}
	password := base32.StdEncoding.EncodeToString(random)
	if err := r.store(admin, password); err != nil {
		return err
	}
	_, err := registry.AddUser(file, admin, password)
	return err
}

// canStore finds out, before anything is written, whether there is a place for the
// first user's password: it needs a home, and files of credentials that can be read.
func (r *run) canStore() error {
	file := HtpasswdFile(r.Root)
	if _, err := os.Stat(file); r.Auth != "htpasswd" || r.Htpasswd != "" || err == nil {
		return nil
	}
	files, err := credentials.Targets(r.User, "all")
	if err == nil {
		err = credentials.Ready(files, r.hosts()[0])
	}
	if err == nil {
		return nil
	}
	return hint.New(err, "or create the first user: "+r.Program+" serve user add NAME --htpasswd "+hint.Quote(file))
}

func (r *run) store(user, password string) error {
	files, err := credentials.Targets(r.User, "all")
	if err != nil {
		return err
	}
	for _, host := range r.hosts() {
		if r.saved, err = credentials.Store(files, host, credentials.Credential{Username: user, Password: password}); err != nil {
			return err
		}
	}
	r.login = user
	return r.noteLogins()
}

// loginsFile lists the hosts for which a login was stored, so that a user who has
// logged out of one is not logged in again.
func (r *run) loginsFile() string { return filepath.Join(r.Root, "logins") }

func (r *run) noteLogins() error {
	b, err := os.ReadFile(r.loginsFile())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	hosts := strings.Fields(string(b))
	for _, host := range r.hosts() {
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return atomicfile.Write(r.loginsFile(), []byte(strings.Join(hosts, "\n")+"\n"), 0o600)
}

// rememberLogin finds the password that an earlier run has stored, perhaps under
// another port, and stores it for the hosts of this run. Without one, the user
// has logged out or is another one: nothing changes.
func (r *run) rememberLogin() error {
	files := credentials.Sources(r.User)
	known, err := credentials.Hosts(files)
	if err != nil {
		r.log.Warn("cannot read stored logins", "err", err)
		return nil
	}
	ours := r.hosts()
	for _, host := range append(slices.Clone(ours), known...) {
		name, _, err := net.SplitHostPort(host)
		if err != nil || !slices.Contains(r.names(), name) {
			continue // another machine's
		}
		c, _, found, err := credentials.Lookup(r.User, host)
		if err != nil || !found || !r.users.Check(c.Username, c.Password) {
			continue
		}
		if b, _ := os.ReadFile(r.loginsFile()); host != ours[0] && slices.Contains(strings.Fields(string(b)), ours[0]) {
			return nil // it was stored before: the user has logged out
		}
		if host == ours[0] {
			r.login, r.saved = c.Username, holding(files, host, c)
			return nil
		}
		return r.store(c.Username, c.Password)
	}
	return nil
}

// holding names the files that have this credential.
func holding(files []credentials.File, host string, c credentials.Credential) (where []string) {
	for _, f := range files {
		if got, source, found, err := f.Lookup(host); err == nil && found && got == c {
			where = append(where, source)
		}
	}
	return where
}

// hosts are the addresses by which users of this machine reach the registry.
func (r *run) hosts() []string {
	host, port, _ := net.SplitHostPort(r.addr)
	names := []string{host}
	if ip := net.ParseIP(host); loopback.Is(r.addr) || host == "" || ip.IsUnspecified() {
		names = []string{"localhost", "127.0.0.1"}
	}
	if !loopback.Is(r.addr) {
		names = slices.Concat(r.Hostnames, names) // users use the name that was given
		if r.Hostname != "" {
			names = append(names, r.Hostname)
		}
	}
	hosts := make([]string, len(names))
	for i, name := range names {
		hosts[i] = net.JoinHostPort(name, port)
	}
	return hosts
}

// installCA writes the trust files of our own CA.
func (r *run) installCA(ctx context.Context) (err error) {
	if r.ca == nil || r.Settings.Trust == "none" {
		return nil
	}
	r.trust, err = r.World.Trust(ctx, r.hosts(), r.ca, r.Settings.Trust)
	return err
}

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

	"github.com/google/renameio/v2"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/loopback"
	"github.com/regctl/regctl/pkg/registry"
)

// admin is the user that is made where there is none.
const admin = "admin"

// access sets up who may come in: the users of a given file, or our own file, with a first user on first use.
func (r *run) access() (err error) {
	if r.Auth != "htpasswd" {
		if r.Auth == "none" && !loopback.Is(r.addr) {
			r.Warn("--auth none on %s: everyone who can reach it may push and delete", r.addr)
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

// firstUser makes the user admin with a random password, whose only clear copy
// goes where docker and podman keep theirs. Where there is no such place, nothing is made.
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

// canStore finds out, before anything is written, that there is no place for the
// first user's password: no home, or a file of credentials that is damaged.
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
	return hint.New(err, "or make the first user yourself: "+r.Program+" serve user add NAME --htpasswd "+file)
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

// loggedInto is the file that lists for which hosts a login was stored, so that a
// user who has logged out of one is not logged in again.
func (r *run) loggedInto() string { return filepath.Join(r.Root, "logins") }

func (r *run) noteLogins() error {
	b, err := os.ReadFile(r.loggedInto())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	hosts := strings.Fields(string(b))
	for _, host := range r.hosts() {
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return renameio.WriteFile(r.loggedInto(), []byte(strings.Join(hosts, "\n")+"\n"), 0o600)
}

// rememberLogin finds the password that an earlier run has stored, perhaps under
// another port, and stores it for the hosts of this run. Without one, the user
// has logged out or is another one: nothing is changed.
func (r *run) rememberLogin() error {
	files := credentials.Sources(r.User)
	known, err := credentials.Hosts(files)
	if err != nil {
		r.log.Warn("stored logins not read", "err", err)
		return nil
	}
	ours := r.hosts()
	for _, host := range append(slices.Clone(ours), known...) {
		name, _, err := net.SplitHostPort(host)
		if err != nil || !slices.Contains(r.names(), name) {
			continue // another machine's: its password is none of our business
		}
		c, _, found, err := credentials.Lookup(r.User, host)
		if err != nil || !found || !r.users.Check(c.Username, c.Password) {
			continue
		}
		if b, _ := os.ReadFile(r.loggedInto()); host != ours[0] && slices.Contains(strings.Fields(string(b)), ours[0]) {
			return nil // it was stored once and is gone: the user has logged out
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

// hosts are the names under which this machine's user will call the registry.
func (r *run) hosts() []string {
	host, port, _ := net.SplitHostPort(r.addr)
	names := []string{host}
	if ip := net.ParseIP(host); loopback.Is(r.addr) || host == "" || ip.IsUnspecified() {
		names = []string{"localhost", "127.0.0.1"}
	}
	if !loopback.Is(r.addr) {
		names = slices.Concat(r.Hostnames, names) // the name that was given is the one that people use
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

// believe writes the trust files of our own CA.
func (r *run) believe(ctx context.Context) (err error) {
	if r.ca == nil || r.Settings.Trust == "none" {
		return nil
	}
	r.trust, err = r.World.Trust(ctx, r.hosts(), r.ca, r.Settings.Trust)
	return err
}

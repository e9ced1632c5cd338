package serviceaccount

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"github.com/regctl/regctl/internal/cluster/identity"
	"github.com/regctl/regctl/pkg/hint"
)

// Token is a token as it is cached.
type Token struct {
	Account Account   `json:"account"` // whose token it is, and how it was requested
	Token   string    `json:"token"`
	Made    time.Time `json:"made"`    // by this machine's clock
	Renew   time.Time `json:"renew"`   // when to request a new one, by this machine's clock
	Ends    time.Time `json:"ends"`    // when it expires, by this machine's clock
	Expires time.Time `json:"expires"` // when it expires, by the server's clock
}

// Made returns a token that the server issued at the time now of this machine's clock. It is
// renewed when a fifth of its lifetime is left.
func Made(a Account, t *identity.BoundToken, now time.Time) Token {
	ends := now.Add(t.Lifetime)
	return Token{Account: a, Token: t.Token, Made: now, Renew: ends.Add(-t.Lifetime / 5), Ends: ends, Expires: t.Expires}
}

// fresh is also false if the clock has been set back since.
func (t Token) fresh(now time.Time) bool { return !now.Before(t.Made) && now.Before(t.Renew) }

// Source issues tokens for hosts.
type Source struct {
	Store Store
	Now   func() time.Time
	Make  func(context.Context, Account) (*identity.BoundToken, error) // requests a token from the account's cluster
	Warn  func(format string, args ...any)
}

// Token returns a fresh token for a host: the cached one, else a new one. Of several processes
// at the same time one asks the cluster. If the cluster does not answer, the old token is
// returned until it expires. found is false if the host has no account.
func (s Source) Token(ctx context.Context, host string) (t Token, found bool, err error) {
	all, err := s.Store.Accounts()
	if err != nil {
		return t, false, err
	}
	account, found := all[host]
	if !found {
		return t, false, nil
	}
	if t, ok := s.Store.cached(host, account); ok && t.fresh(s.Now()) {
		return t, true, nil
	}
	unlock, err := lock(s.Store.folder(host))
	if err != nil {
		return t, true, err
	}
	defer unlock()
	t, ok := s.Store.cached(host, account)
	if ok && t.fresh(s.Now()) { // another process has renewed it meanwhile
		return t, true, nil
	}
	fresh, err := s.renew(ctx, host, account)
	if err != nil && ok && s.Now().Before(t.Ends) {
		s.Warn("the token for %s was not renewed: %v; the old one is valid until %s", host, err, t.Ends.UTC().Format(time.RFC3339))
		return t, true, nil
	}
	return fresh, true, err
}

// renew requests a token from the cluster and caches it.
func (s Source) renew(ctx context.Context, host string, a Account) (Token, error) {
	asked := s.Now() // the token's lifetime begins no earlier
	made, err := s.Make(ctx, a)
	if err != nil {
		again := fmt.Sprintf("regctl login %s --service-account %s -n %s --helper", host, a.Name, a.Namespace)
		return Token{}, hint.New(fmt.Errorf("%s: no new token: %w", host, err), cmp.Or(hint.Of(err), again))
	}
	t := Made(a, made, asked)
	return t, write(s.Store.file(host), t)
}

// Keep caches a token.
func (b Store) Keep(host string, t Token) error {
	unlock, err := lock(b.folder(host))
	if err != nil {
		return err
	}
	defer unlock()
	return write(b.file(host), t)
}

// Holds tells whether a token is the cached one of a host.
func (b Store) Holds(host, token string) bool {
	t, err := b.read(host)
	return err == nil && t.Token == token
}

// cached returns the token that was issued for the account as it is now.
func (b Store) cached(host string, a Account) (Token, bool) {
	t, err := b.read(host)
	return t, err == nil && t.Token != "" && reflect.DeepEqual(t.Account, a)
}

// read reads the cache. A token that cannot be read is requested again.
func (b Store) read(host string) (t Token, err error) {
	text, err := os.ReadFile(b.file(host))
	if err != nil {
		return t, err
	}
	return t, json.Unmarshal(text, &t)
}

func (b Store) folder(host string) string { return filepath.Join(b.Cache, url.PathEscape(host)) }
func (b Store) file(host string) string   { return filepath.Join(b.folder(host), "token.json") }

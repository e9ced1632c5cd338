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

// Token is one that was made, as it is cached.
type Token struct {
	Account Account   `json:"account"` // whose it is, and how it was made
	Token   string    `json:"token"`
	Made    time.Time `json:"made"`    // when, by this machine's clock
	Renew   time.Time `json:"renew"`   // from when on a new one is to be asked for, by this machine's clock
	Ends    time.Time `json:"ends"`    // when it ends, by this machine's clock
	Expires time.Time `json:"expires"` // when it ends, by the server's clock, which may be another
}

// Made is a token that the server has made at the time now of this machine's clock. It is
// renewed when a fifth of its life is left.
func Made(a Account, t *identity.BoundToken, now time.Time) Token {
	ends := now.Add(t.Lifetime)
	return Token{Account: a, Token: t.Token, Made: now, Renew: ends.Add(-t.Lifetime / 5), Ends: ends, Expires: t.Expires}
}

// fresh is also false where the clock has been set back since.
func (t Token) fresh(now time.Time) bool { return !now.Before(t.Made) && now.Before(t.Renew) }

// Source makes tokens for hosts.
type Source struct {
	Book Book
	Now  func() time.Time
	Make func(context.Context, Account) (*identity.BoundToken, error) // asks the account's cluster
	Warn func(format string, args ...any)
}

// Token is a fresh token for a host: the cached one, else a new one. Of those who ask at the
// same time one asks the cluster. Where the cluster does not answer, an old token is given out
// as long as it lasts. found is false where the host has no account.
func (s Source) Token(ctx context.Context, host string) (t Token, found bool, err error) {
	all, err := s.Book.Accounts()
	if err != nil {
		return t, false, err
	}
	account, found := all[host]
	if !found {
		return t, false, nil
	}
	if t, ok := s.Book.cached(host, account); ok && t.fresh(s.Now()) {
		return t, true, nil
	}
	unlock, err := lock(s.Book.folder(host))
	if err != nil {
		return t, true, err
	}
	defer unlock()
	t, ok := s.Book.cached(host, account)
	if ok && t.fresh(s.Now()) { // another has renewed it while this one waited
		return t, true, nil
	}
	fresh, err := s.renew(ctx, host, account)
	if err != nil && ok && s.Now().Before(t.Ends) {
		s.Warn("the token for %s could not be renewed: %v; the old one lasts until %s", host, err, t.Ends.UTC().Format(time.RFC3339))
		return t, true, nil
	}
	return fresh, true, err
}

// renew asks the cluster, and keeps the answer.
func (s Source) renew(ctx context.Context, host string, a Account) (Token, error) {
	asked := s.Now() // the token's life begins on the way: not after this
	made, err := s.Make(ctx, a)
	if err != nil {
		again := fmt.Sprintf("regctl login %s --service-account %s -n %s --helper", host, a.Name, a.Namespace)
		return Token{}, hint.New(fmt.Errorf("%s: no new token: %w", host, err), cmp.Or(hint.Of(err), again))
	}
	t := Made(a, made, asked)
	return t, write(s.Book.file(host), t)
}

// Keep puts a token into the cache.
func (b Book) Keep(host string, t Token) error {
	unlock, err := lock(b.folder(host))
	if err != nil {
		return err
	}
	defer unlock()
	return write(b.file(host), t)
}

// Holds tells whether a token is the one that is cached for a host.
func (b Book) Holds(host, token string) bool {
	t, err := b.read(host)
	return err == nil && t.Token == token
}

// cached is the token that was made for the account as it now is.
func (b Book) cached(host string, a Account) (Token, bool) {
	t, err := b.read(host)
	return t, err == nil && t.Token != "" && reflect.DeepEqual(t.Account, a)
}

// read gives what is in the cache. What cannot be read is as good as nothing: it is made anew.
func (b Book) read(host string) (t Token, err error) {
	text, err := os.ReadFile(b.file(host))
	if err != nil {
		return t, err
	}
	return t, json.Unmarshal(text, &t)
}

func (b Book) folder(host string) string { return filepath.Join(b.Cache, url.PathEscape(host)) }
func (b Book) file(host string) string   { return filepath.Join(b.folder(host), "token.json") }

package serviceaccount

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/regctl/regctl/internal/cluster/identity"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/stretchr/testify/require"
)

// maker counts the tokens that it makes. The cluster's clock, an hour ahead, must not matter.
type maker struct {
	mu       sync.Mutex
	now      time.Time
	made     int
	lifetime time.Duration
	fails    error
	warned   string
}

func (m *maker) source(b Store) Source {
	return Source{
		Store: b, Now: func() time.Time { return m.now }, Make: m.make,
		Warn: func(format string, args ...any) { m.warned = fmt.Sprintf(format, args...) },
	}
}

func (m *maker) make(context.Context, Account) (*identity.BoundToken, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails != nil {
		return nil, m.fails
	}
	m.made++
	return &identity.BoundToken{Token: "token" + strconv.Itoa(m.made), Expires: m.now.Add(time.Hour + m.lifetime), Lifetime: m.lifetime}, nil
}

func newMaker(t *testing.T) (*maker, Source) {
	t.Helper()
	m := &maker{now: time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC), lifetime: 10 * time.Minute}
	s := m.source(newBook(t))
	require.NoError(t, s.Store.Put("host:5000", ci()))
	return m, s
}

func (s Source) must(t *testing.T) string {
	t.Helper()
	got, found, err := s.Token(t.Context(), "host:5000")
	require.NoError(t, err)
	require.True(t, found)
	return got.Token
}

func TestTokenIsRenewedWhenAFifthOfItsLifeIsLeft(t *testing.T) {
	m, s := newMaker(t)
	require.Equal(t, "token1", s.must(t))
	m.now = m.now.Add(8*time.Minute - time.Second)
	require.Equal(t, "token1", s.must(t))
	m.now = m.now.Add(time.Second)
	require.Equal(t, "token2", s.must(t))
	require.Equal(t, "token2", s.must(t))
}

func TestTokenOfAClockThatIsSetBack(t *testing.T) {
	m, s := newMaker(t)
	s.must(t)
	m.now = m.now.Add(-24 * time.Hour)
	require.Equal(t, "token2", s.must(t), "how old the first one is cannot be known")
}

func TestTokenOfAnotherAccount(t *testing.T) {
	_, s := newMaker(t)
	s.must(t)
	other := ci()
	other.Audiences = []string{"registry"}
	require.NoError(t, s.Store.Put("host:5000", other))
	require.Equal(t, "token2", s.must(t))
}

func TestTokenIsAskedForOnce(t *testing.T) {
	m, s := newMaker(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			got, _, err := s.Token(t.Context(), "host:5000")
			require.NoError(t, err)
			require.Equal(t, "token1", got.Token)
		})
	}
	all.Wait()
	require.Equal(t, 1, m.made)
}

func TestTokenIsUsedUntilItEnds(t *testing.T) {
	m, s := newMaker(t)
	s.must(t)
	m.fails = hint.New(errors.New("no answer"), "wait")
	m.now = m.now.Add(9 * time.Minute)
	require.Equal(t, "token1", s.must(t))
	require.Equal(t, "the token for host:5000 was not renewed: host:5000: no new token: no answer; the old one is valid until 2030-01-01T12:10:00Z", m.warned)
	m.now = m.now.Add(time.Minute)
	_, _, err := s.Token(t.Context(), "host:5000")
	require.EqualError(t, err, "host:5000: no new token: no answer")
	require.Equal(t, "wait", hint.Of(err))
	m.fails = identity.ErrNoAccount
	_, _, err = s.Token(t.Context(), "host:5000")
	require.Equal(t, "regctl login host:5000 --service-account ci -n web --helper", hint.Of(err))
}

func TestTokenOfAnUnknownHost(t *testing.T) {
	_, s := newMaker(t)
	_, found, err := s.Token(t.Context(), "other")
	require.NoError(t, err)
	require.False(t, found)
}

package registry

import (
	"cmp"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/regctl/regctl/pkg/hint"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/sync/singleflight"
)

// Users authenticates by an htpasswd file, which is reloaded when it changes. A nil
// *Users allows anonymous access.
type Users struct {
	Realm string // that clients are told; "" is regctl

	file string
	log  *slog.Logger

	mu    sync.Mutex
	stamp time.Time
	size  int64
	bad   string // why the file was not reloaded, as it was logged
	users map[string][]byte

	// bcrypt takes a tenth of a second by design and clients send the password
	// with every request: a correct pair is remembered as a digest of name, password
	// and hash, so that a changed password is verified again.
	right  map[[sha256.Size]byte]bool
	flight singleflight.Group
	slots  chan struct{} // half of the processors: guessing passwords must not delay the known users
}

// OpenUsers reads an htpasswd file; one that has no user, or a hash that is not bcrypt, is refused.
func OpenUsers(file string, log *slog.Logger) (*Users, error) {
	u := &Users{file: file, log: log, right: map[[sha256.Size]byte]bool{}, slots: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))}
	if err := u.refresh(); err != nil {
		return nil, err
	}
	if len(u.users) == 0 {
		return nil, hint.Errorf("regctl serve user add NAME --htpasswd "+file, "%s: no users: nobody could log in", file)
	}
	return u, nil
}

func (u *Users) refresh() error {
	info, err := os.Stat(u.file)
	if err != nil {
		return hint.New(err, "regctl serve user add NAME --htpasswd "+u.file)
	}
	if info.ModTime().Equal(u.stamp) && info.Size() == u.size {
		return nil
	}
	content, err := os.ReadFile(u.file)
	if err != nil {
		return err
	}
	users, err := parseHtpasswd(u.file, content, false)
	if err != nil {
		return err
	}
	u.users, u.stamp, u.size = users, info.ModTime(), info.Size()
	clear(u.right)
	return nil
}

// hash returns what the file has for a user. A file that became unreadable leaves the last good list in force.
func (u *Users) hash(name string) []byte {
	u.mu.Lock()
	defer u.mu.Unlock()
	err := u.refresh()
	if err == nil {
		u.bad = ""
	} else if err.Error() != u.bad { // once, not at each request
		u.bad = err.Error()
		u.log.Error("cannot reload the htpasswd file; the former users stay valid", "err", err, "hint", hint.Of(err))
	}
	return u.users[name]
}

// Check tells whether a password is the user's.
func (u *Users) Check(name, password string) bool {
	hash := u.hash(name)
	unknown := hash == nil
	if unknown {
		hash = []byte(nobody) // as slow as for a known user: names cannot be guessed by the clock
	}
	key := sha256.Sum256([]byte(name + "\x00" + password + "\x00" + string(hash)))
	u.mu.Lock()
	known := u.right[key]
	u.mu.Unlock()
	if known {
		return true
	}
	ok, _, _ := u.flight.Do(string(key[:]), func() (any, error) {
		u.slots <- struct{}{}
		defer func() { <-u.slots }()
		return bcrypt.CompareHashAndPassword(hash, []byte(password)) == nil, nil
	})
	if right, _ := ok.(bool); !right || unknown {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.right[key] = true
	return true
}

// nobody is the hash of a random password that was thrown away.
const nobody = "$2a$10$9hb7vBqf2PImKt1IduK0j.rVouf/.wV7bbA5jmyHGQoavUTV8AUyy"

// guard serves only authenticated requests.
func (u *Users) guard(next http.Handler) http.Handler {
	if u == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, password, given := r.BasicAuth()
		if given && u.Check(name, password) {
			next.ServeHTTP(w, r.WithContext(withUser(r.Context(), name)))
			return
		}
		h := w.Header()
		h.Set("WWW-Authenticate", "Basic realm="+strconv.Quote(cmp.Or(u.Realm, "regctl")))
		h.Set("Docker-Distribution-API-Version", "registry/2.0")
		h.Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}` + "\n"))
	})
}

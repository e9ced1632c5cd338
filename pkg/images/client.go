// Package images moves container images between registries, OCI layouts and
// archives: unchanged, resumable, with the artifacts that refer to them.
package images

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/regctl/regctl/pkg/intranet"
	"github.com/regctl/regctl/pkg/loopback"
)

// jobs is how many blobs move at a time.
const jobs = 4

// Client talks to registries. Its fields are set before the first use.
type Client struct {
	Transport func(host string) (http.RoundTripper, error) // connects to "host" or "host:port"
	Keychain  authn.Keychain                               // credentials; nil is anonymous
	Insecure  bool                                         // allow plain HTTP to others than this machine
	UserAgent string
	Progress  Progress       // may be nil
	Stall     time.Duration  // how long a registry may send and take nothing; 30 s where zero
	Backoff   remote.Backoff // between attempts; the library's own (3 attempts, 1 s and 3 s) where zero

	mu    sync.Mutex
	hosts map[string]*endpoint
}

// Result says what a push, pull or copy did.
type Result struct {
	Ref         string   `json:"ref"`              // HOST/REPOSITORY[:TAG]@DIGEST
	Others      []string `json:"others,omitempty"` // further references that were written
	Path        string   `json:"path,omitempty"`   // file or directory that was written
	Digest      string   `json:"digest"`
	MediaType   string   `json:"mediaType"`
	Size        int64    `json:"size"`                // bytes of the image with all platforms, each blob once
	Transferred int64    `json:"transferred"`         // bytes over the wire
	Skipped     int64    `json:"skipped"`             // bytes that were there before, or mounted
	Referrers   int      `json:"referrers,omitempty"` // signatures, SBOMs, attestations that went along
}

// endpoint is one registry with its connections and tokens.
type endpoint struct {
	client   *Client
	wire     *mountWatch
	sessions *sessions
	puller   *remote.Puller
	pusher   *remote.Pusher

	mu    sync.Mutex
	blobs map[string]*http.Client // by repository
}

// at returns the endpoint of a registry, made on first use.
func (c *Client) at(reg name.Registry) (*endpoint, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	host := reg.RegistryStr()
	if e := c.hosts[host]; e != nil {
		return e, nil
	}
	rt, err := c.Transport(host)
	if err != nil {
		return nil, err
	}
	rt = &stallGuard{inner: rt, limit: cmp.Or(c.Stall, stallLimit)}
	e := &endpoint{client: c, blobs: map[string]*http.Client{}}
	e.sessions = &sessions{open: map[string]*url.URL{}, inner: &intranet.Transport{Registry: host, Next: &wire{registry: reg, inner: rt, plainOK: c.Insecure || loopback.Is(host)}}}
	e.wire = &mountWatch{inner: e.sessions}
	if e.puller, err = remote.NewPuller(c.options(e.wire)...); err != nil {
		return nil, err
	}
	if e.pusher, err = remote.NewPusher(c.options(e.wire)...); err != nil {
		return nil, err
	}
	if c.hosts == nil {
		c.hosts = map[string]*endpoint{}
	}
	c.hosts[host] = e
	return e, nil
}

func (c *Client) keychain() authn.Keychain {
	if c.Keychain == nil {
		return authn.NewMultiKeychain() // of none: anonymous
	}
	return c.Keychain
}

func (c *Client) options(rt http.RoundTripper) []remote.Option {
	opts := []remote.Option{remote.WithTransport(rt), remote.WithAuthFromKeychain(c.keychain()), remote.WithJobs(jobs), remote.WithUserAgent(c.UserAgent)}
	if c.Backoff.Steps > 0 {
		opts = append(opts, remote.WithRetryBackoff(c.Backoff))
	}
	return opts
}

// blobClient is for what the library cannot do: read a blob from the middle on.
func (e *endpoint) blobClient(ctx context.Context, repo name.Repository) (*http.Client, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c := e.blobs[repo.String()]; c != nil {
		return c, nil
	}
	client, err := e.authorized(ctx, repo, transport.PullScope)
	if err != nil {
		return nil, err
	}
	e.blobs[repo.String()] = client
	return client, nil
}

// authorized returns a client with a token for these actions in a repository, such as transport.PullScope.
func (e *endpoint) authorized(ctx context.Context, repo name.Repository, actions string) (*http.Client, error) {
	auth, err := authn.Resolve(ctx, e.client.keychain(), repo)
	if err != nil {
		return nil, err
	}
	var retry []transport.Option
	if e.client.Backoff.Steps > 0 {
		retry = append(retry, transport.WithRetryBackoff(e.client.Backoff))
	}
	base := transport.NewUserAgent(transport.NewRetry(e.wire, retry...), e.client.UserAgent)
	rt, err := transport.NewWithContext(ctx, repo.Registry, auth, base, []string{repo.Scope(actions)})
	return &http.Client{Transport: rt}, err
}

// mountWatch records which blobs a registry took from another repository: the library does not report it.
type mountWatch struct {
	inner   http.RoundTripper
	mounted sync.Map // path of the upload and digest → true
}

func (m *mountWatch) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := m.inner.RoundTrip(req)
	if err == nil && req.Method == http.MethodPost && resp.StatusCode == http.StatusCreated {
		if digest := req.URL.Query().Get("mount"); digest != "" {
			m.mounted.Store(req.URL.Path+digest, true)
		}
	}
	return resp, err
}

func (m *mountWatch) took(repo name.Repository, h v1.Hash) bool {
	_, ok := m.mounted.Load("/v2/" + repo.RepositoryStr() + "/blobs/uploads/" + h.String())
	return ok
}

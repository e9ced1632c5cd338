package images_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/regctl/regctl/pkg/images"
	"github.com/stretchr/testify/require"
)

// TestRedirectLoops: whatever a registry redirects to itself, the client gives up with the reason.
func TestRedirectLoops(t *testing.T) {
	s := distribution(t)
	_, err := client(s).Push(t.Context(), open(t, layoutOf(t, imageFor(t, "linux/amd64"))), s.ref(t, "a:1"))
	require.NoError(t, err)
	for _, path := range []string{"/manifests/", "/blobs/", "/tags/list"} {
		for what, query := range map[string]string{"the same URL": "", "a new URL each time": "?n=%d"} {
			var count atomic.Int32
			s.answer(func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.Contains(r.URL.Path, path) {
					return false
				}
				target := r.URL.Path
				if query != "" {
					target += fmt.Sprintf(query, count.Load())
				}
				count.Add(1)
				http.Redirect(w, r, target, http.StatusTemporaryRedirect)
				return true
			})
			if path == "/tags/list" {
				_, err = client(s).Tags(t.Context(), s.ref(t, "a").Context())
			} else {
				_, err = client(s).Pull(t.Context(), s.ref(t, "a:1"), filepath.Join(t.TempDir(), "out"), images.PullOptions{Format: images.OCI})
			}
			require.ErrorContains(t, err, s.host+": stopped after 10 redirects", path, what)
			require.Less(t, count.Load(), int32(100), path, what)
		}
	}
}

package images_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var uploadPath = regexp.MustCompile(`/v2/app/blobs/uploads/[^? ]+`)

// TestAPushThatIsBrokenOffLeavesNoUpload: neither where the user interrupts it nor where the registry fails for good.
func TestAPushThatIsBrokenOffLeavesNoUpload(t *testing.T) {
	for name, failing := range map[string]bool{"interrupted": false, "failed": true} {
		t.Run(name, func(t *testing.T) {
			s := distribution(t)
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			var once sync.Once
			s.answer(func(w http.ResponseWriter, r *http.Request) bool {
				switch {
				case r.Method == http.MethodPatch && !failing:
					once.Do(interrupt)
				case r.Method == http.MethodPut && failing:
					http.Error(w, "disk full", http.StatusInsufficientStorage)
					return true
				}
				return false
			})
			_, err := client(s).Push(ctx, open(t, layoutOf(t, imageFor(t, "linux/amd64"))), s.ref(t, "app:v1"))
			require.Error(t, err)
			require.NotZero(t, s.called("DELETE /v2/app/blobs/uploads/"))
			for _, call := range s.seen() {
				if path := uploadPath.FindString(call); path != "" {
					answer := httptest.NewRecorder()
					s.real.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
					require.Equal(t, http.StatusNotFound, answer.Code, path)
				}
			}
		})
	}
}

// TestAPushThatSucceedsDeletesNothing: there is nothing to give up then.
func TestAPushThatSucceedsDeletesNothing(t *testing.T) {
	s := distribution(t)
	_, err := client(s).Push(t.Context(), open(t, layoutOf(t, imageFor(t, "linux/amd64"))), s.ref(t, "app:v1"))
	require.NoError(t, err)
	require.Zero(t, s.called("DELETE"))
}

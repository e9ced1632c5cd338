package cluster

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBuild(t *testing.T) {
	cache, err := CacheDir()
	require.NoError(t, err)
	_, err = Build(t.Context(), cache, func(s string) { t.Log(s) })
	require.NoError(t, err)
}

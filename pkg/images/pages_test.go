package images

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPagesEnd(t *testing.T) {
	var p pages
	require.NoError(t, p.add([]string{"a", "b"}, "1"))
	require.NoError(t, p.add([]string{"c"}, ""))
	require.Equal(t, []string{"a", "b", "c"}, p.names)

	p = pages{}
	var err error
	n := 0
	for ; err == nil; n++ {
		err = p.add(nil, fmt.Sprint(n))
	}
	require.EqualError(t, err, "the registry's list has more than 10000 pages")
	require.Equal(t, pageLimit+1, n)

	p = pages{}
	half := strings.Repeat("x", namesLimit/2)
	require.NoError(t, p.add([]string{half}, "1"))
	require.NoError(t, p.add([]string{half}, "2"))
	require.EqualError(t, p.add([]string{"x"}, ""), "the registry's list is longer than 64 MiB")

	p = pages{}
	require.NoError(t, p.add(nil, "1"))
	require.ErrorContains(t, p.add(nil, "1"), "does not end: its page 1 comes again")
}

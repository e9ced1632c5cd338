//go:build !linux

package openshift

import "testing"

func TestAPINeedsLinux(t *testing.T) {
	t.Fatal("these tests need Linux: the API server is built and run here")
}

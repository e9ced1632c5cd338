//go:build !linux

package e2e

import "testing"

func TestNeedsLinux(t *testing.T) {
	t.Fatal("these tests need Linux: docker, podman and network namespaces")
}

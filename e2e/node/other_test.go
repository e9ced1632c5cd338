//go:build !linux

package node

import "testing"

func TestNodeNeedsLinux(t *testing.T) {
	t.Fatal("these tests need Linux and root: containers are run here")
}

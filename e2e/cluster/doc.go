// Package cluster builds Kubernetes out of Go modules and runs it for tests: an API
// server that needs no root and no network (StartAPI), or a whole node with
// Debian's containerd whose pods really run (StartNode). README.md says more.
package cluster

// Package node runs regctl against a Kubernetes whose pods really run. The scripts
// in testdata are the tests.
package node

// Package api runs regctl against a real API server, whose controllers run but
// which has no node: pods stay Pending. The scripts in testdata are the tests.
package api

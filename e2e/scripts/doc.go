// Package scripts has what the scripts that run regctl against a cluster share: a home
// and a namespace of their own, and commands beyond testscript's.
package scripts

// Package openshift makes an API server of package cluster look like OpenShift's: its
// kinds, out of the Go module github.com/openshift/api, its cluster roles,
// namespaces, security context constraints and settings.
//
// What OpenShift's own API servers do beyond storing objects is not there. In
// particular a name has no colon or tilde (stream:tag, users/~, sha256~token), a
// patch of a DeploymentConfig is JSON or server-side apply and never a strategic merge, and
// no image stream gets a repository by itself.
package openshift

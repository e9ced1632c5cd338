// Package registry is a container registry as a value: distribution's handlers
// behind one http.Handler, and a Server that serves it on any listener with
// TLS that follows renewed files and a shutdown that lets transfers finish.
//
// The layout on disk is distribution's, so that a volume of another
// distribution-based registry is served as it is. What is added from outside,
// through distribution's own extension points, is: blobs and links that are on the
// disk before a push is answered, an htpasswd check that refuses what it cannot
// use, logs through slog, metrics and health.
package registry

// Package sandbox runs a program in namespaces of its own, in which it may start a
// node of a cluster: nothing that is done there to network, mounts, /etc and /var/lib
// is seen outside, or is there afterwards.
package sandbox

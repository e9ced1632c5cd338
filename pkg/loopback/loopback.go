// Package loopback tells this machine's own addresses from others.
package loopback

import (
	"net"
	"strings"
)

// Is tells whether a host ("host", "host:port" or "[v6]:port") is this machine, to
// nobody else's reach. Names below localhost are not taken for it: a name server may send
// them elsewhere, and what is loopback may be sent a password over plain HTTP.
func Is(host string) bool {
	bare, _, err := net.SplitHostPort(host)
	if err != nil {
		bare = strings.Trim(host, "[]")
	}
	ip := net.ParseIP(bare)
	return strings.EqualFold(bare, "localhost") || ip != nil && ip.IsLoopback()
}

package cluster

import (
	"fmt"
	"strconv"
	"strings"
)

// Version is the Kubernetes version of the API server, such as 1 and 36. OpenShift and other
// builds write a + behind the minor number.
func (c *Client) Version() (major, minor int, err error) {
	v, err := c.disco.ServerVersion()
	if err != nil {
		return 0, 0, c.explain("version", err)
	}
	major, err = strconv.Atoi(v.Major)
	if err == nil {
		minor, err = strconv.Atoi(strings.TrimRight(v.Minor, "+"))
	}
	if err != nil {
		return 0, 0, fmt.Errorf("the API server's version %q: %w", v.Major+"."+v.Minor, err)
	}
	return major, minor, nil
}

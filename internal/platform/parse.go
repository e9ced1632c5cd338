package platform

import (
	"fmt"
	"strconv"
	"strings"
)

// ParsePorts reads the form of --ports: CONTAINER or CONTAINER:HOST, with commas between them.
func ParsePorts(text string) ([]Port, error) {
	var ports []Port
	seen := map[int32]bool{}
	for item := range strings.SplitSeq(text, ",") {
		container, host, both := strings.Cut(strings.TrimSpace(item), ":")
		var p Port
		var err error
		if p.Container, err = parsePort(container); err == nil && both {
			p.Host, err = parsePort(host)
		}
		if err != nil {
			return nil, fmt.Errorf("port %q: must be one number (container) or two (container:host) from 1 to 65535", item)
		}
		if seen[p.Container] {
			return nil, fmt.Errorf("port %d is given twice", p.Container)
		}
		seen[p.Container] = true
		ports = append(ports, p)
	}
	return ports, nil
}

func parsePort(text string) (int32, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err == nil && n == 0 {
		err = strconv.ErrRange
	}
	return int32(n), err
}

// ParseLabels reads KEY=VALUE pairs with commas between them; "" is none.
func ParseLabels(text string) (map[string]string, error) {
	labels := map[string]string{}
	for item := range strings.SplitSeq(text, ",") {
		item = strings.TrimSpace(item)
		key, value, pair := strings.Cut(item, "=")
		_, twice := labels[key]
		switch {
		case item == "" && text == "":
			continue
		case !pair && strings.HasSuffix(item, "-"):
			return nil, fmt.Errorf("%q: labels can only be set here, not removed", item)
		case !pair || key == "":
			return nil, fmt.Errorf("%q is not KEY=VALUE", item)
		case twice:
			return nil, fmt.Errorf("label %q is given twice", key)
		}
		labels[key] = value
	}
	return labels, nil
}

// ParseGroups reads group numbers with commas between them; 0, root's, is none.
func ParseGroups(text string) ([]int64, error) {
	var groups []int64
	for item := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(item), 10, 32)
		if err != nil || n <= 0 {
			return nil, fmt.Errorf("group %q: must be a number above 0", item)
		}
		groups = append(groups, n)
	}
	return groups, nil
}

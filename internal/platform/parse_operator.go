package platform

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// ParseTolerations reads KEY[=VALUE][:EFFECT] each; an empty one is none.
func ParseTolerations(items []string) ([]Toleration, error) {
	all := []Toleration{}
	for _, item := range items {
		if item == "" {
			continue
		}
		taint, effect, _ := strings.Cut(item, ":")
		key, value, equal := strings.Cut(taint, "=")
		t := Toleration{Key: key, Operator: "Exists", Effect: effect}
		if equal {
			t.Operator, t.Value = "Equal", value
		}
		switch effect {
		case "", "NoSchedule", "PreferNoSchedule", "NoExecute":
		default:
			return nil, hint.New(fmt.Errorf("%q: effect %q must be NoSchedule, PreferNoSchedule or NoExecute", item, effect), "--toleration node-role.kubernetes.io/infra:NoSchedule")
		}
		if key == "" {
			return nil, hint.New(fmt.Errorf("%q: no key", item), "--toleration node-role.kubernetes.io/infra:NoSchedule")
		}
		all = append(all, t)
	}
	return all, nil
}

// ParseQueue reads RUNNING[,QUEUED[,WAIT]].
func ParseQueue(text string) (*Queue, error) {
	parts := strings.Split(text, ",")
	q, numbers := &Queue{}, []*int32{nil, nil}
	numbers[0], numbers[1] = &q.Running, &q.Queued
	for i, part := range parts {
		switch {
		case i < 2:
			n, err := strconv.ParseInt(strings.TrimSpace(part), 10, 32)
			if err != nil || n < 0 {
				return nil, hint.New(fmt.Errorf("%q: %q is not a number", text, part), "100, or 100,200,10s")
			}
			*numbers[i] = int32(n)
		case i == 2:
			q.Wait = strings.TrimSpace(part)
		default:
			return nil, hint.New(errors.New("must have at most three parts: running, queued, wait"), "100,200,10s")
		}
	}
	return q, nil
}

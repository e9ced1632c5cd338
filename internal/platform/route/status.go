package route

import (
	"cmp"

	"github.com/regctl/regctl/internal/cluster"
)

// Host is the name by which a Route is reached: the one that a router has admitted,
// else the one that it asks for; "" as long as there is none.
func Host(o *cluster.Object) string {
	if o == nil {
		return ""
	}
	status, _ := o.Object["status"].(map[string]any)
	routers, _ := status["ingress"].([]any)
	for _, r := range routers {
		r, _ := r.(map[string]any)
		conditions, _ := r["conditions"].([]any)
		for _, c := range conditions {
			c, _ := c.(map[string]any)
			host, _ := r["host"].(string)
			if c["type"] == "Admitted" && c["status"] == "True" {
				return cmp.Or(host, specField(o, "host"))
			}
		}
	}
	return specField(o, "host")
}

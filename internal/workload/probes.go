package workload

import (
	"net"
	"strconv"
	"strings"
)

// certificateVar switches a registry to TLS.
const certificateVar = "REGISTRY_HTTP_TLS_CERTIFICATE"

// followTLS sets the scheme of the probes of a registry's port to what it now speaks:
// a probe that asks by HTTP kills a registry that has just been given a certificate.
func followTLS(out *Outcome, container map[string]any) {
	scheme := "HTTP"
	if v := lastVar(container, certificateVar); v != nil && (stringField(v, "value") != "" || v["valueFrom"] != nil) {
		scheme = "HTTPS"
	}
	port := registryPort(container)
	for _, kind := range []string{"startupProbe", "livenessProbe", "readinessProbe"} {
		probe, _ := container[kind].(map[string]any)
		get, _ := probe["httpGet"].(map[string]any)
		was := stringField(get, "scheme")
		if was == "" {
			was = "HTTP"
		}
		if get == nil || portOf(container, get["port"]) != port || was == scheme {
			continue
		}
		get["scheme"] = scheme
		out.note("container %s: changed the %s to %s, which the registry serves", name(container), kind, scheme)
	}
}

func lastVar(container map[string]any, want string) map[string]any {
	var found map[string]any
	for _, v := range list(container, "env") {
		if name(v) == want {
			found = v
		}
	}
	return found
}

// registryPort is where a registry listens: its address variable says so, else the
// first port of its container does, else it is the image's 5000.
func registryPort(container map[string]any) int64 {
	if v := lastVar(container, "REGISTRY_HTTP_ADDR"); v != nil {
		if _, port, err := net.SplitHostPort(stringField(v, "value")); err == nil {
			if n, err := strconv.ParseInt(port, 10, 32); err == nil {
				return n
			}
		}
	}
	for _, p := range list(container, "ports") {
		return number(p["containerPort"])
	}
	return 5000
}

// portOf is the number of a probe's port, which may be given by name; 0 where there is none.
func portOf(container map[string]any, port any) int64 {
	s, isName := port.(string)
	if !isName {
		return number(port)
	}
	if p := byName(list(container, "ports"), s); p != nil {
		return number(p["containerPort"])
	}
	n, _ := strconv.ParseInt(strings.TrimSpace(s), 10, 32)
	return n
}

// number is an integer of a document, which a YAML file may hold as a float.
func number(v any) int64 {
	switch n := v.(type) {
	case int64:
		return n
	case float64:
		return int64(n)
	}
	return 0
}

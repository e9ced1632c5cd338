package scripts

import (
	"encoding/json"
	"maps"
	"os"
)

// Kubeconfig is one that package cluster has written, which is JSON with one entry of each kind.
type Kubeconfig map[string]any

// ReadKubeconfig reads the file.
func ReadKubeconfig(path string) (Kubeconfig, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	k := Kubeconfig{}
	return k, json.Unmarshal(data, &k)
}

func (k Kubeconfig) entry(list, key string) map[string]any {
	return k[list].([]any)[0].(map[string]any)[key].(map[string]any)
}

// Server is the URL of the API server.
func (k Kubeconfig) Server() string { return k.entry("clusters", "cluster")["server"].(string) }

// CA is the PEM certificate that signed the API server's, in base64.
func (k Kubeconfig) CA() string {
	return k.entry("clusters", "cluster")["certificate-authority-data"].(string)
}

// Token is the user's.
func (k Kubeconfig) Token() string { return k.entry("users", "user")["token"].(string) }

// Namespace sets the namespace of the context.
func (k Kubeconfig) Namespace(ns string) { k.entry("contexts", "context")["namespace"] = ns }

// By leads all requests over another server, whose certificate is given as PEM.
func (k Kubeconfig) By(url string, ca []byte) {
	maps.Copy(k.entry("clusters", "cluster"), map[string]any{"server": url, "certificate-authority-data": ca})
}

// Write writes it into a file.
func (k Kubeconfig) Write(path string) error {
	data, err := json.MarshalIndent(k, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

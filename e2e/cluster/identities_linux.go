package cluster

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"os"
	"time"
)

const admins = "system:masters"

// identities makes certificates, kubeconfigs and tokens of all programs and users.
func (c *Cluster) identities() error {
	ca, err := newAuthority(c.path("pki"), "ca")
	if err != nil {
		return err
	}
	proxyCA, err := newAuthority(c.path("pki"), "front-proxy-ca")
	if err != nil {
		return err
	}
	service := []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", serviceIP}
	steps := []func() error{
		func() error {
			return ca.sign("apiserver", "kube-apiserver", nil, append(service, "localhost", loopback, c.address)...)
		},
		func() error { return ca.sign("etcd", "etcd", nil, "localhost", loopback) },
		func() error { return ca.sign("kubelet-client", "kube-apiserver-kubelet-client", []string{admins}) },
		func() error { return proxyCA.sign("front-proxy-client", "front-proxy-client", nil) },
		func() error { return signingKey(c.path("pki"), "sa") },
		c.tokenFile,
		func() error { return c.programs(ca) },
		c.userKubeconfigs,
		c.adminClient,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// programs gives each client of the API server a certificate and a kubeconfig.
func (c *Cluster) programs(ca *authority) (err error) {
	if c.ca, err = os.ReadFile(c.pki("ca.crt")); err != nil {
		return err
	}
	clients := []struct {
		name, user string
		groups     []string
		hosts      []string
	}{
		{name: "admin", user: "admin", groups: []string{admins}},
		{name: "controllers", user: "system:kube-controller-manager"},
		{name: "scheduler", user: "system:kube-scheduler"},
		{name: "proxy", user: "system:kube-proxy"},
		{name: "kubelet", user: "system:node:" + NodeName, groups: []string{"system:nodes"}, hosts: []string{NodeName, NodeIP}},
	}
	for _, client := range clients {
		if err := ca.sign(client.name, client.user, client.groups, client.hosts...); err != nil {
			return err
		}
		cert, err := os.ReadFile(c.pki(client.name + ".crt"))
		if err != nil {
			return err
		}
		key, err := os.ReadFile(c.pki(client.name + ".key"))
		if err != nil {
			return err
		}
		user := map[string]any{"client-certificate-data": cert, "client-key-data": key}
		if err := c.kubeconfig(c.path("conf", client.name+".kubeconfig"), client.name, user); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cluster) userKubeconfigs() error {
	for user, token := range c.tokens {
		if err := c.kubeconfig(c.UserKubeconfig(user), user, map[string]any{"token": token}); err != nil {
			return err
		}
	}
	return nil
}

// kubeconfig writes a kubeconfig, in JSON, which every YAML reader reads.
func (c *Cluster) kubeconfig(path, name string, user map[string]any) error {
	type object = map[string]any
	data, err := json.MarshalIndent(object{
		"apiVersion": "v1", "kind": "Config", "current-context": "e2e",
		"clusters": []object{{"name": "e2e", "cluster": object{"server": c.URL(), "certificate-authority-data": c.ca}}},
		"contexts": []object{{"name": "e2e", "context": object{"cluster": "e2e", "user": name}}},
		"users":    []object{{"name": name, "user": user}},
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o600)
}

func (c *Cluster) adminClient() error {
	pair, err := tls.LoadX509KeyPair(c.pki("admin.crt"), c.pki("admin.key"))
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(c.ca)
	c.admin = &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12},
	}}
	return nil
}

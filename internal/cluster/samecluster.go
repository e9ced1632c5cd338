package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/resource"
	"k8s.io/client-go/rest"
)

// issuerWatch remembers who issued the certificate that the API server showed. Two clusters can
// stand behind one address, such as 127.0.0.1:6443, one after the other; their CAs differ.
type issuerWatch struct {
	mu     sync.Mutex
	issuer []byte // nil: no answer yet, or none with TLS
}

// watch lets every answer of a server pass by.
func (w *issuerWatch) watch(conf *rest.Config) {
	conf.Wrap(func(next http.RoundTripper) http.RoundTripper { return watched{next, w} })
}

type watched struct {
	next http.RoundTripper
	to   *issuerWatch
}

// RoundTrip implements http.RoundTripper.
func (w watched) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(req)
	if err != nil || resp.TLS == nil || len(resp.TLS.PeerCertificates) == 0 {
		return resp, err
	}
	last := resp.TLS.PeerCertificates[len(resp.TLS.PeerCertificates)-1]
	w.to.mu.Lock()
	w.to.issuer = append(append([]byte{}, last.RawIssuer...), last.AuthorityKeyId...)
	w.to.mu.Unlock()
	return resp, err
}

func (w *issuerWatch) seen() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.issuer
}

// identify asks the server which cluster it is: by the CA of its certificate and, where that CA may
// have issued those of others too, by the UID of the namespace kube-system. Who may not read it learns less.
func (c *Client) identify() (string, error) {
	if err := c.Server.learn(); err != nil {
		return "", err
	}
	sum := sha256.New()
	sum.Write(c.issuer.seen())
	if tls := c.RESTConfig.TLSClientConfig; c.issuer.seen() == nil || len(tls.CAData) == 0 && tls.CAFile == "" {
		object, err := resource.NewBuilder(restClients{c}).Unstructured().
			ResourceNames("namespaces", metav1.NamespaceSystem).SingleResourceType().Do().Object()
		if o, ok := object.(*Object); ok && err == nil {
			sum.Write([]byte(o.GetUID()))
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// forgetOthers drops what was remembered of the server's kinds where that was another cluster. It asks once.
func (c *Client) forgetOthers() error {
	c.Discovery.mu.Lock()
	defer c.Discovery.mu.Unlock()
	if c.Discovery.identified {
		return nil
	}
	id, err := c.identify()
	if _, network := errors.AsType[net.Error](err); network {
		return err
	}
	c.Discovery.identified = true // also by a server that does not say its version, as one behind a strict proxy
	file := filepath.Join(filepath.Dir(c.Discovery.File), "cluster")
	if known, err := os.ReadFile(file); err == nil && string(known) == id {
		return nil
	}
	c.mapper.Reset()
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return nil // what cannot be remembered is asked again
	}
	_ = os.WriteFile(file, []byte(id), 0o600) // the same
	return nil
}

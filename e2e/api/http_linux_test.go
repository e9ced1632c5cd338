package api

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// upstream is how the API server itself is reached, and with which token.
func upstream() (base *url.URL, transport *http.Transport, token string, err error) {
	k, err := boss()
	if err != nil {
		return nil, nil, "", err
	}
	pem, err := base64.StdEncoding.DecodeString(k.CA())
	if err != nil {
		return nil, nil, "", err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, nil, "", errors.New("no CA in the kubeconfig")
	}
	base, err = url.Parse(k.Server())
	return base, &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}, k.Token(), err
}

// ask asks the API server as the user boss.
func ask(method, path string, body []byte) ([]byte, error) {
	base, transport, token, err := upstream()
	if err != nil {
		return nil, err
	}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequest(method, base.String()+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := (&http.Client{Transport: transport, Timeout: time.Minute}).Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, answer)
	}
	return answer, err
}

// newNamespace makes a namespace and waits until its service account is there,
// without which no pod can be made.
func newNamespace(name string) error {
	_, err := ask(http.MethodPost, "/api/v1/namespaces", fmt.Appendf(nil, `{"metadata": {"name": %q}}`, name))
	if err != nil {
		return err
	}
	for range 600 {
		if _, err = ask(http.MethodGet, "/api/v1/namespaces/"+name+"/serviceaccounts/default", nil); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return err
}

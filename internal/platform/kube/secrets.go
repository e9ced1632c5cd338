package kube

import (
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"golang.org/x/crypto/bcrypt"
)

// admin is the first user.
const admin = "admin"

// secrets are the makers of the secrets that are regctl's to make. What is random is
// made once; what was given on this run is brought up to date.
func (b *builder) secrets() []func() (plan.Change, error) {
	all := []func() (plan.Change, error){b.random(b.s.Name+"-http", "Opaque", b.fillHTTP)}
	switch t := b.s.TLS; {
	case t.Off:
	case t.Certificate != nil:
		all = append(all, b.given(t.Secret, "kubernetes.io/tls", map[string][]byte{"tls.crt": t.Certificate, "tls.key": t.Key}))
	case t.Secret == b.s.Name+"-tls":
		all = append(all, b.random(t.Secret, "kubernetes.io/tls", b.fillTLS))
	}
	// after the certificate, as what they say: who logs in has to trust it first
	if b.s.Auth.Kind == platform.AuthHtpasswd && b.s.Auth.Secret == b.s.Name+"-users" {
		all = append(all, b.random(b.s.Auth.Secret, "Opaque", b.fillUsers))
	}
	store := b.s.Storage.ObjectStore()
	if store == nil {
		return all
	}
	if store.Login().Credentials != nil {
		all = append(all, b.keys)
	}
	if ca := store.TrustedCA(); ca != "" {
		all = append(all, b.given(storeCA(b.s), "Opaque", map[string][]byte{"ca.crt": []byte(ca)}))
	}
	return all
}

// random is a secret that is made once. fill returns its content, and what to say after it was made.
func (b *builder) random(name, kind string, fill func() (content map[string][]byte, note string, err error)) func() (plan.Change, error) {
	return func() (plan.Change, error) {
		o, err := cluster.ObjectOf(b.object("v1", "Secret", name, object{"type": kind}))
		put := func(o *cluster.Object) (string, error) {
			content, note, err := fill()
			o.Object["data"] = encoded(content)
			return note, err
		}
		return &change.Make{Client: b.Client, Object: o, Fill: put}, err
	}
}

// given is a secret whose content the user has.
func (b *builder) given(name, kind string, content map[string][]byte) func() (plan.Change, error) {
	return func() (plan.Change, error) {
		o, err := cluster.ObjectOf(b.object("v1", "Secret", name, object{"type": kind, "data": encoded(content)}))
		return &change.Apply{Client: b.Client, Object: o, Concern: concern, Force: true}, err
	}
}

// keys is the secret of an object store, as each of the images reads it.
func (b *builder) keys() (plan.Change, error) {
	store := b.s.Storage.ObjectStore()
	content := map[string][]byte{}
	for _, own := range b.flavor().Images() {
		keys, err := store.Keys(own)
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			content[key.SecretKey()] = key.Content
		}
	}
	return b.given(store.Login().Secret, "Opaque", content)()
}

func encoded(content map[string][]byte) object {
	data := object{}
	for key, value := range content {
		data[key] = base64.StdEncoding.EncodeToString(value)
	}
	return data
}

// fillHTTP makes the key that signs the state of uploads. With the same one in each
// pod, a push can go on in another.
func (b *builder) fillHTTP() (map[string][]byte, string, error) {
	text := b.found.httpSecret()
	if text != "" { // what others have chosen goes on to count for the uploads that run
		return map[string][]byte{"secret": []byte(text)}, "", nil
	}
	text, err := b.letters()
	return map[string][]byte{"secret": []byte(text)}, "", err
}

// fillUsers makes the first user. The password is in the secret too, of which the pod
// sees the file of users alone: who can read the secret could replace it anyway, and a
// password that is only said once is lost with the connection.
func (b *builder) fillUsers() (map[string][]byte, string, error) {
	password, err := b.letters()
	if err != nil {
		return nil, "", err
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	note := fmt.Sprintf("to log in as user %s:\n  %s | regctl login %s -u %s --password-stdin", admin, b.readSecret(b.s.Auth.Secret, "password"), b.host(), admin)
	return map[string][]byte{"htpasswd": []byte(admin + ":" + string(hash) + "\n"), "username": []byte(admin), "password": []byte(password)}, note, err
}

// letters are 160 random bits as letters and digits.
func (b *builder) letters() (string, error) {
	random := make([]byte, 20)
	_, err := io.ReadFull(b.Rand, random)
	return base32.StdEncoding.EncodeToString(random), err
}

// host is how pods call the registry.
func (b *builder) host() string {
	return fmt.Sprintf("%s.%s.svc:%d", b.s.Name, b.Client.Namespace, b.s.Workload.Ports[0].Container)
}

// readSecret is the command that prints a value of a secret.
func (b *builder) readSecret(secret, key string) string {
	return fmt.Sprintf("kubectl get secret %s -n %s -o jsonpath='{.data.%s}' | base64 -d", secret, b.Client.Namespace, strings.ReplaceAll(key, ".", `\.`))
}

package opensvc

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/certs"
	"golang.org/x/crypto/bcrypt"
)

// admin is the first user.
const admin = "admin"

// sec is the Change of a sec object: what is random is made once, what was given is brought up to date.
type sec struct {
	Agent Agent
	Path  string            // test/sec/registry
	Given map[string][]byte // keys whose content the user has
	Keys  []string          // others that must be there
	// fill makes the content of keys that are missing, and says what the user must know
	fill func(missing []string) (content map[string][]byte, note string, err error)

	there []string
	note  string
}

var (
	_ plan.Change = (*sec)(nil)
	_ plan.Viewer = (*sec)(nil)
)

// String is sec/test/registry.
func (s *sec) String() string {
	return "sec/" + strings.Replace(strings.TrimPrefix(s.Path, "root/"), "sec/", "", 1)
}

// Live is which keys there are, and for those that are given what they hold, as a digest.
func (s *sec) Live(ctx context.Context) ([]byte, error) {
	out, err := s.Agent.run(ctx, nil, s.Agent.keys(s.Path))
	if absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s.there = strings.Fields(string(out))
	doc := document{}
	for _, key := range s.there {
		doc[key] = "set"
		if s.Given[key] != nil {
			content, err := s.Agent.run(ctx, nil, s.Agent.decode(s.Path, key))
			if err != nil {
				return nil, err
			}
			doc[key] = digest(content)
		}
	}
	return json.Marshal(doc)
}

// document says of each key that it is set, or what it holds.
type document map[string]string

func digest(content []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(content)) }

// Want is all that and what is missing.
func (s *sec) Want(context.Context, bool) ([]byte, error) {
	doc := document{}
	for _, key := range slices.Concat(s.there, s.Keys) {
		doc[key] = "set"
	}
	for key, content := range s.Given {
		doc[key] = digest(content)
	}
	return json.Marshal(doc)
}

// View hides the digests, which of a short password would tell what it is. Its document
// names the keys, and nothing that they hold.
func (s *sec) View(r plan.Result) plan.View {
	doc := document{}
	_ = json.Unmarshal(r.Want, &doc) // it is what Want has made
	return plan.View{Live: hidden(r.Live, nil), Want: hidden(r.Want, r.Live), Note: s.note, Document: struct {
		Kind   string      `json:"kind"`
		Path   string      `json:"path"`
		Action plan.Action `json:"action"`
		Keys   []string    `json:"keys"`
	}{"Sec", s.Path, r.Action, slices.Sorted(maps.Keys(doc))}}
}

func hidden(doc, before []byte) []byte {
	var keys, was document
	if json.Unmarshal(doc, &keys) != nil {
		return doc
	}
	_ = json.Unmarshal(before, &was) // nil where there was nothing
	for key, value := range keys {
		keys[key] = "set"
		if was[key] != "" && was[key] != value {
			keys[key] = "set (differs)"
		}
	}
	shown, err := json.Marshal(keys)
	if err != nil {
		return nil
	}
	return shown
}

// Apply makes the object, then each key. The values go by stdin: neither the list of
// processes nor a file shows them.
func (s *sec) Apply(ctx context.Context) error {
	if s.there == nil {
		if _, err := s.Agent.run(ctx, nil, s.Agent.createSec(s.Path)); err != nil && !strings.Contains(err.Error(), "exist") {
			return err
		}
	}
	content := map[string][]byte{}
	if missing := s.missing(); len(missing) > 0 {
		var err error
		if content, s.note, err = s.fill(missing); err != nil {
			return err
		}
	}
	maps.Copy(content, s.Given)
	for _, key := range slices.Sorted(maps.Keys(content)) {
		if _, err := s.Agent.run(ctx, content[key], s.Agent.putKey(s.Path, key, "/dev/stdin", slices.Contains(s.there, key))); err != nil {
			return err
		}
	}
	return nil
}

func (s *sec) missing() (keys []string) {
	for _, key := range s.Keys {
		if !slices.Contains(s.there, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// sec is the object beside the service, of the same name.
func (b *builder) sec() (*sec, error) {
	s := &sec{Agent: b.Agent, Path: b.path.of("sec", b.path.Name), Given: map[string][]byte{}, Keys: []string{"http_secret"}, fill: b.fill}
	if err := b.giveStore(s.Given); err != nil {
		return nil, err
	}
	switch t := b.s.TLS; {
	case t.Certificate != nil:
		s.Given["tls.crt"], s.Given["tls.key"] = t.Certificate, t.Key
	case !t.Off:
		s.Keys = append(s.Keys, "tls.crt", "tls.key")
	}
	if b.s.Auth.Kind == platform.AuthHtpasswd {
		s.Keys = append(s.Keys, "htpasswd")
	}
	return s, nil
}

// giveStore puts in what the user has given for an object store.
func (b *builder) giveStore(given map[string][]byte) error {
	store := b.s.Storage.ObjectStore()
	if store == nil {
		return nil
	}
	if store.Login().Credentials != nil {
		keys, err := store.Keys(false)
		if err != nil {
			return err
		}
		for _, key := range keys {
			given[key.Key] = key.Content
		}
	}
	if ca := store.TrustedCA(); ca != "" {
		given[storeCA(store)] = []byte(ca)
	}
	return nil
}

// fill makes what is missing, and the CA's certificate and the password beside it.
func (b *builder) fill(missing []string) (map[string][]byte, string, error) {
	content, notes := map[string][]byte{}, []string{}
	at := b.path.of("sec", b.path.Name)
	if slices.Contains(missing, "http_secret") {
		text, err := b.letters()
		if err != nil {
			return nil, "", err
		}
		content["http_secret"] = []byte(text)
	}
	if slices.Contains(missing, "tls.crt") || slices.Contains(missing, "tls.key") {
		made, err := certs.Bundle(fmt.Sprintf("regctl-signer@%d", b.Now().Unix()), b.names(), certs.Options{Now: b.Now, Rand: b.Rand})
		if err != nil {
			return nil, "", err
		}
		for key, value := range made {
			content[key] = value
		}
		notes = append(notes, fmt.Sprintf("a CA of its own issued the registry's certificate; clients must trust this CA:\n  %s | regctl trust add %s --ca -", b.Agent.decode(at, "ca.crt"), b.host()))
	}
	if slices.Contains(missing, "htpasswd") {
		password, err := b.letters()
		if err != nil {
			return nil, "", err
		}
		hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
		if err != nil {
			return nil, "", err
		}
		content["htpasswd"], content["password"] = []byte(admin+":"+string(hash)+"\n"), []byte(password)
		notes = append(notes, fmt.Sprintf("to log in as user %s:\n  %s | regctl login %s -u %s --password-stdin", admin, b.Agent.decode(at, "password"), b.host(), admin))
	}
	return content, strings.Join(notes, "\n"), nil
}

// letters are 160 random bits as letters and digits.
func (b *builder) letters() (string, error) {
	random := make([]byte, 20)
	_, err := io.ReadFull(b.Rand, random)
	return base32.StdEncoding.EncodeToString(random), err
}

// names are those that the certificate is valid for.
func (b *builder) names() []string {
	names := []string{b.path.dns(b.s.Service.Cluster)}
	for _, name := range []string{b.path.dns(""), b.path.Name, "localhost", "127.0.0.1"} {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if e := b.s.Exposure; e != nil && e.Host != "" && !slices.Contains(names, e.Host) {
		names = append(names, e.Host)
	}
	return names
}

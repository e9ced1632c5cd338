package trust

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/regctl/regctl/pkg/certs"
	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// issued is a certificate with its key.
type issued struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

// issue makes a certificate that is valid between two days from noon; by nil it is self-signed.
// A name with a dot is a server's.
func issue(t *testing.T, name string, by *issued, from, to int) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: noon.AddDate(0, 0, from), NotAfter: noon.AddDate(0, 0, to),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if strings.Contains(name, ".") {
		c.IsCA, c.KeyUsage, c.DNSNames = false, x509.KeyUsageDigitalSignature, []string{name}
	}
	if by == nil {
		by = &issued{c, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by.Certificate, key.Public(), by.key)
	require.NoError(t, err)
	c, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	return &issued{c, key}
}

func pemOf(list ...*issued) string {
	var chain []*x509.Certificate
	for _, c := range list {
		chain = append(chain, c.Certificate)
	}
	return string(certs.EncodeChain(chain))
}

// verify checks a registry at reg.lan:5000 on a machine with these files, for docker alone.
func verify(t *testing.T, files map[string]string, shown ...*issued) map[string]Check {
	t.Helper()
	v := Verifier{Place: Place{FS: tree(files)}, Host: host(t, "reg.lan:5000")[0], Now: noon, Targets: []Target{Docker}}
	for _, c := range shown {
		v.Shown = append(v.Shown, c.Certificate)
	}
	checks := map[string]Check{}
	for _, c := range v.Verify() {
		checks[c.Name] = c
	}
	return checks
}

const ours = "etc/docker/certs.d/reg.lan:5000/ca.crt"

func TestVerifyDates(t *testing.T) {
	ca := issue(t, "root", nil, -100, 100)
	trusted := map[string]string{ours: pemOf(ca)}
	for _, c := range []struct {
		name                  string
		leafFrom, leafTo      int
		middleFrom, middleEnd int
		state                 State
		fix                   Fix
		detail                string
	}{
		{"all valid", -1, 9, -1, 9, OK, Nothing, "9 days left, until 2026-05-10"},
		{"leaf expired", -9, -1, -9, 9, Wrong, Renew, "CN=reg.lan expired on 2026-04-30"},
		{"leaf not valid yet", 1, 9, -9, 9, Wrong, SetClock, "CN=reg.lan is not valid before 2026-05-02: compare the clocks"},
		{"intermediate expired", -9, 9, -9, -1, Wrong, NewCA, "CN=middle expired on 2026-04-30"},
		{"intermediate not valid yet", -9, 9, 1, 9, Wrong, SetClock, "CN=middle is not valid before 2026-05-02: compare the clocks"},
	} {
		t.Run(c.name, func(t *testing.T) {
			middle := issue(t, "middle", ca, c.middleFrom, c.middleEnd)
			checks := verify(t, trusted, issue(t, "reg.lan", middle, c.leafFrom, c.leafTo), middle)
			require.Equal(t, Check{Name: "expiry", State: c.state, Fix: c.fix, Detail: c.detail}, checks["expiry"])
			require.Equal(t, Check{Name: "docker", State: OK, Detail: "by /" + ours}, checks["docker"], "the CA is not to blame")
			require.Equal(t, OK, checks["regctl"].State)
		})
	}
}

// TestACAIsBlamedForItsOwnDatesAlone: one that was created after the certificate expired is the
// right one for a renewed certificate.
func TestACAIsBlamedForItsOwnDatesAlone(t *testing.T) {
	young := issue(t, "root", nil, -1, 100)
	checks := verify(t, map[string]string{ours: pemOf(young)}, issue(t, "reg.lan", young, -90, -10))
	require.Equal(t, OK, checks["docker"].State, checks["docker"].Detail)
	old := issue(t, "root", nil, -100, -1)
	checks = verify(t, map[string]string{ours: pemOf(old)}, issue(t, "reg.lan", old, -90, 10))
	require.Equal(t, Check{Name: "docker", State: Wrong, Fix: NewCA, Detail: "/" + ours + ": CN=root expired on 2026-04-30"}, checks["docker"])
	next := issue(t, "root", nil, 1, 100)
	checks = verify(t, map[string]string{ours: pemOf(next)}, issue(t, "reg.lan", next, -9, 9))
	require.Equal(t, Check{Name: "docker", State: Wrong, Fix: SetClock, Detail: "/" + ours + ": CN=root is not valid before 2026-05-02"}, checks["docker"])
}

func TestWhyACAIsNotTrusted(t *testing.T) {
	ca, other, renamed := issue(t, "root", nil, -9, 9), issue(t, "other", nil, -9, 9), issue(t, "root", nil, -9, 9)
	leaf := issue(t, "reg.lan", ca, -9, 9)
	const elsewhere, same = "etc/docker/certs.d/a.lan/ca.crt", "etc/docker/certs.d/reg.lan/ca.crt"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  Check
	}{
		{"wrong CA", map[string]string{ours: pemOf(other)}, Check{Detail: "/" + ours + ": wrong CA: it is CN=other, and the registry's is CN=root", Sent: true}},
		{
			"wrong CA, the right one elsewhere", map[string]string{ours: pemOf(other), elsewhere: pemOf(ca)},
			Check{Detail: "/" + ours + ": wrong CA: it is CN=other, and the registry's is CN=root", CA: "/" + elsewhere},
		},
		{"replaced CA", map[string]string{ours: pemOf(renamed)}, Check{Detail: "/" + ours + ": wrong CA: it is called CN=root too, but has another key: the registry's CA was replaced", Sent: true}},
		{
			"wrong directory, that of the host first", map[string]string{elsewhere: pemOf(ca), same: pemOf(other, ca)},
			Check{Detail: "wrong directory: the CA is in /etc/docker/certs.d/reg.lan, the tool reads /etc/docker/certs.d/reg.lan:5000", CA: "/" + same},
		},
		{"no CA in it", map[string]string{ours[:len(ours)-3] + "pem": pemOf(ca)}, Check{Detail: "/etc/docker/certs.d/reg.lan:5000: no CA in it: its name must end in .crt", Sent: true}},
		{"no directory", nil, Check{Detail: "/etc/docker/certs.d/reg.lan:5000: not found", Sent: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.want.Name, c.want.State, c.want.Fix = "docker", Wrong, TrustCA
			require.Equal(t, c.want, verify(t, c.files, leaf, ca)["docker"])
		})
	}
	require.False(t, verify(t, nil, leaf)["docker"].Sent, "a server that does not send its CA")
	require.Equal(t, "the CA is not in the system's store", verify(t, nil, leaf)["system"].Detail)
}

// TestVerifyWhereNobodyVerifies: after trust add --insecure no certificate is wrong.
func TestVerifyWhereNobodyVerifies(t *testing.T) {
	daemon := func(host string) map[string]string {
		return map[string]string{"etc/docker/daemon.json": `{"insecure-registries": ["` + host + `"]}`}
	}
	expired := issue(t, "other.lan", nil, -9, -1)
	for _, listed := range []string{"reg.lan:5000", "http://reg.lan:5000", "https://reg.lan:5000"} {
		checks := verify(t, daemon(listed), expired)
		require.Equal(t, Insecure, checks["docker"].State, listed)
		require.Equal(t, VerifyAgain, checks["docker"].Fix)
		for _, name := range []string{"name", "expiry", "regctl", "containers"} {
			require.Equal(t, Unused, checks[name].State, name)
			require.Equal(t, Nothing, checks[name].Fix, name)
		}
		require.Equal(t, OK, checks["chain"].State)
	}
	for _, listed := range []string{"reg.lan", "10.0.0.0/8"} {
		checks := verify(t, daemon(listed), expired)
		require.Equal(t, Wrong, checks["docker"].State, listed)
		require.Equal(t, Wrong, checks["expiry"].State, listed)
		require.Equal(t, Wrong, checks["regctl"].State, listed)
	}
	// plain HTTP
	checks := verify(t, daemon("reg.lan:5000"))
	require.Equal(t, Insecure, checks["docker"].State)
	require.NotContains(t, checks, "expiry")
	checks = verify(t, nil)
	require.Equal(t, Check{Name: "docker", State: Wrong, Detail: "requires TLS, which the registry does not use"}, checks["docker"])
	require.Equal(t, Unused, checks["containers"].State)
}

func TestDockersInsecureNetworks(t *testing.T) {
	for entry, want := range map[string]bool{"10.0.0.0/8": true, "10.1.2.3:5000": true, "11.0.0.0/8": false, "10.1.2.3": false, "fd00::/8": false} {
		require.Equal(t, want, host(t, "10.1.2.3:5000")[0].isListed(entry), entry)
	}
	require.True(t, host(t, "[fd00::1]:5000")[0].isListed("fd00::/8"))
}

func TestVerifyNamesAndChain(t *testing.T) {
	ca := issue(t, "root", nil, -9, 9)
	leaf := issue(t, "other.lan", ca, -9, 9)
	checks := verify(t, nil, leaf, ca)
	require.Equal(t, Check{Name: "name", State: Wrong, Fix: Reissue, Names: []string{"other.lan", "reg.lan"}, Detail: "the certificate is for other.lan, not for reg.lan"}, checks["name"])
	require.Equal(t, "CN=other.lan <- CN=root", checks["chain"].Detail)
	require.Equal(t, "the certificate has no subjectAltName; clients ignore its CN", verify(t, nil, ca)["name"].Detail)
	twin := issue(t, "root", nil, -9, 9)
	checks = verify(t, nil, leaf, twin)
	require.Equal(t, RepairSigner, checks["chain"].Fix)
	require.Equal(t, Wrong, checks["chain"].State)
	require.Equal(t, "CN=other.lan <- CN=root (not sent)", verify(t, nil, leaf)["chain"].Detail)
}

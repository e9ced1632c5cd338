package trust

import (
	"crypto/x509"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// why says what keeps a tool from believing the server, and what mends it.
func (v Verifier) why(t Target, src source) (detail, mend string) {
	if t == System {
		return "the CA is not in the system's store", v.mendSystem()
	}
	for _, ca := range src.roots {
		var invalid x509.CertificateInvalidError
		pool := x509.NewCertPool()
		pool.AddCert(ca.Cert)
		if err := v.verify(pool); errors.As(err, &invalid) && invalid.Reason == x509.Expired {
			return ca.Path + ": " + subject(ca.Cert) + " expired on " + day(ca.Cert.NotAfter), v.mend()
		}
	}
	if elsewhere := v.elsewhere(t); elsewhere != "" {
		return fmt.Sprintf("wrong folder: the CA is in %s, and %s is looked for", path.Dir(elsewhere), v.Place.shown(src.dir)), v.mend()
	}
	switch {
	case len(src.roots) > 0:
		return v.otherCA(src.roots[0]), v.mend()
	case v.Place.isDir(src.dir):
		return v.Place.shown(src.dir) + ": no CA in it: it has to be named *.crt", v.mend()
	}
	return v.Place.shown(src.dir) + ": not there", v.mend()
}

func (v Verifier) otherCA(ca CA) string {
	chain := Path(v.Shown)
	signer := chain[len(chain)-1].Issuer.String()
	if signer == ca.Cert.Subject.String() {
		return fmt.Sprintf("%s: it is called %s too, but has another key: the registry's CA was made anew", ca.Path, signer)
	}
	return fmt.Sprintf("%s: wrong CA: it is %s, and the registry's is %s", ca.Path, subject(ca.Cert), signer)
}

// elsewhere finds a file of the tool's other folders that vouches for the server, those of the same host first.
func (v Verifier) elsewhere(t Target) string {
	var found []CA
	for _, root := range v.Place.readDirs(t) {
		hosts, _ := v.Place.names(root) // a folder that cannot be read holds nothing for the tool either
		for _, host := range hosts {
			folder, err := v.Place.ReadFolder(path.Join(root, host))
			if err == nil && folder != nil {
				found = append(found, folder.Roots...)
			}
		}
	}
	mine := func(ca CA) int {
		if strings.HasPrefix(path.Base(path.Dir(ca.Path))+":", v.Host.Name+":") {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(found, func(a, b CA) int { return mine(a) - mine(b) })
	return Verifier{Shown: v.Shown, Now: v.Now}.believes(found)
}

// mend is the command that brings the CA here: from another folder where it lies, else from the server, where it shows it.
func (v Verifier) mend() string {
	command := "regctl trust add " + v.Host.String() + v.Flags
	for _, t := range []Target{Docker, Containers, Containerd} {
		if file := v.elsewhere(t); file != "" {
			return command + " --ca " + hint.Quote(file)
		}
	}
	if _, err := Top(v.Host, Path(v.Shown)); err != nil {
		return command + " --ca FILE"
	}
	return command + " --from-server"
}

// mendSystem is the command for the system store, which is the machine's whoever asks.
func (v Verifier) mendSystem() string {
	switch {
	case v.Place.User:
		v.Flags = " --for system"
		return "sudo " + v.mend()
	case strings.Contains(v.Flags, "--for "):
		return v.mend()
	}
	v.Flags += " --for system"
	return v.mend()
}

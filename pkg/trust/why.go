package trust

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// why says why a tool does not trust the server, and what resolves it.
func (v Verifier) why(t Target, src source) (detail string, fix Fix) {
	if t == System {
		return "the CA is not in the system's store", TrustSystem
	}
	for _, ca := range src.roots {
		switch c := ca.Cert; {
		case !v.issuedBy(c):
		case v.Now.After(c.NotAfter):
			return ca.Path + ": " + subject(c) + " expired on " + day(c.NotAfter), NewCA
		case v.Now.Before(c.NotBefore):
			return ca.Path + ": " + subject(c) + " is not valid before " + day(c.NotBefore), SetClock
		}
	}
	dir := v.Place.shown(src.dir)
	if len(src.roots) > 0 {
		return v.otherCA(src.roots[0]), TrustCA
	}
	if elsewhere := v.elsewhere(t); elsewhere != "" {
		return fmt.Sprintf("wrong directory: the CA is in %s, the tool reads %s", path.Dir(elsewhere), dir), TrustCA
	}
	if v.Place.isDir(src.dir) {
		return dir + ": no CA in it: its name must end in .crt", TrustCA
	}
	return dir + ": not found", TrustCA
}

func (v Verifier) otherCA(ca CA) string {
	chain := Path(v.Shown)
	signer := chain[len(chain)-1].Issuer.String()
	if signer == ca.Cert.Subject.String() {
		return fmt.Sprintf("%s: wrong CA: it is called %s too, but has another key: the registry's CA was replaced", ca.Path, signer)
	}
	return fmt.Sprintf("%s: wrong CA: it is %s, and the registry's is %s", ca.Path, subject(ca.Cert), signer)
}

// elsewhere finds a file in the tool's other directories that has the server's CA, those of the
// same host first.
func (v Verifier) elsewhere(t Target) string {
	var found []CA
	for _, root := range v.Place.readDirs(t) {
		hosts, _ := v.Place.names(root) // a directory that cannot be read has nothing for the tool either
		for _, host := range hosts {
			folder, err := v.Place.ReadFolder(path.Join(root, host))
			if err == nil && folder != nil {
				found = append(found, folder.Roots...)
			}
		}
	}
	otherHost := func(ca CA) int {
		if strings.HasPrefix(path.Base(path.Dir(ca.Path))+":", v.Host.Name+":") {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(found, func(a, b CA) int { return otherHost(a) - otherHost(b) })
	return Verifier{Shown: v.Shown, Now: v.Now}.trustedBy(found)
}

// locate says where the CA comes from that is to be trusted: a file of another directory, or
// the server where it sends it.
func (v Verifier) locate(check Check) Check {
	if check.Fix != TrustCA && check.Fix != TrustSystem || len(v.Shown) == 0 {
		return check
	}
	for _, t := range []Target{Docker, Containers, Containerd} {
		if check.CA = v.elsewhere(t); check.CA != "" {
			return check
		}
	}
	_, err := Top(v.Host, Path(v.Shown))
	check.Sent = err == nil
	return check
}

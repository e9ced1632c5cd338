package node

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/regctl/regctl/e2e/cluster"
	"github.com/regctl/regctl/e2e/scripts"
	"github.com/rogpeppe/go-internal/testscript"
)

// patience is the limit of what takes seconds on an idle machine.
const patience = 3 * time.Minute

func commands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	all := scripts.Commands()
	all["pv"], all["rollouts"], all["mkimage"], all["reason"] = pv, rollouts, mkimage, reason
	all["named"], all["bucketpolicy"] = namer(), scripts.BucketPolicy
	return all
}

// pv CLAIM [MODE]: a volume of 1Gi for a claim of that name (ReadWriteOnce, unless it says
// another), since nothing provides volumes here. Its files are in $WORK/CLAIM.
func pv(ts *testscript.TestScript, _ bool, args []string) {
	mode := "ReadWriteOnce"
	if len(args) > 1 {
		mode = args[1]
	}
	dir, ns := ts.MkAbs(args[0]), ts.Getenv("NS")
	ts.Check(os.Mkdir(dir, 0o777))
	ts.Check(os.Chmod(dir, 0o777))
	type object = map[string]any
	volume, err := json.Marshal(object{
		"apiVersion": "v1", "kind": "PersistentVolume", "metadata": object{"name": ns + "-" + args[0]},
		"spec": object{
			"capacity": object{"storage": "1Gi"}, "accessModes": []string{mode}, "hostPath": object{"path": dir},
			"claimRef": object{"namespace": ns, "name": args[0]},
		},
	})
	ts.Check(err)
	file := filepath.Join(ts.Getenv("WORK"), args[0]+".json")
	ts.Check(os.WriteFile(file, volume, 0o600))
	ts.Check(ts.Exec("kubectl", "create", "-f", file))
}

// mkimage FILE: makes an image of one small file, in the form of docker save.
func mkimage(ts *testscript.TestScript, _ bool, args []string) {
	note := ts.MkAbs(args[0] + ".note")
	ts.Check(os.WriteFile(note, []byte(args[0]), 0o644))
	image := cluster.Image{Name: "made/in-test:v1", Files: map[string]string{"/note": note}, Command: []string{"/note"}}
	ts.Check(image.Write(ts.MkAbs(args[0])))
}

// rollouts N NAME: fails unless the deployment has been rolled out so many times, and
// nothing of an earlier one runs.
func rollouts(ts *testscript.TestScript, _ bool, args []string) {
	deployment := "deployment/" + args[1]
	ts.Check(ts.Exec("kubectl", "rollout", "status", deployment, "--timeout=2m"))
	ts.Check(ts.Exec("kubectl", "get", deployment, "-o", `jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}`))
	if got := strings.TrimSpace(ts.ReadFile("stdout")); got != args[0] {
		ts.Fatalf("%s: rollout %s, want %s", args[1], got, args[0])
	}
}

// reason REGEXP COMMAND ARGS...: runs a command that waits for the registry in vain, and fails unless its error
// gives the reason. On a busy machine the pods may not have got that far in the time that the command
// had: then the registry is waited for again, unchanged, until it does.
func reason(ts *testscript.TestScript, _ bool, args []string) {
	want, command := regexp.MustCompile(`(?ms)^error: .*`+args[0]), args[1:]
	for limit := time.Now().Add(patience); ; command = []string{"regctl", "registry", "deploy", "--timeout", "20s"} {
		var exit *exec.ExitError
		if err := ts.Exec(command[0], command[1:]...); !errors.As(err, &exit) || exit.ExitCode() != 1 {
			ts.Fatalf("%s: %v, want exit status 1", strings.Join(command, " "), err)
		}
		if want.MatchString(ts.ReadFile("stderr")) {
			return
		}
		if time.Now().After(limit) {
			ts.Fatalf("the reason %q was not given", args[0])
		}
	}
}

// namer makes the command named SERVICE, which lets this machine find the Service by
// the name that it has in the cluster, SERVICE.$NS.svc, since there is no DNS. The
// scripts share /etc/hosts.
func namer() func(ts *testscript.TestScript, _ bool, args []string) {
	var lock sync.Mutex
	return func(ts *testscript.TestScript, _ bool, args []string) {
		name := args[0] + "." + ts.Getenv("NS") + ".svc"
		ts.Check(ts.Exec("kubectl", "get", "service", args[0], "-o", "jsonpath={.spec.clusterIP}"))
		lock.Lock()
		defer lock.Unlock()
		hosts, err := os.ReadFile("/etc/hosts")
		ts.Check(err)
		lines := slices.DeleteFunc(strings.SplitAfter(string(hosts), "\n"), func(line string) bool { return strings.HasSuffix(line, " "+name+"\n") })
		lines = append(lines, ts.ReadFile("stdout")+" "+name+"\n")
		ts.Check(os.WriteFile("/etc/hosts", []byte(strings.Join(lines, "")), 0o644))
	}
}

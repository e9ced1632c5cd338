package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
)

// commands are what scripts can do beyond testscript's own.
var commands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"freeport":    freeport,
	"waitfor":     waitfor,
	"mkimage":     mkimage,
	"example":     example,
	"mode":        mode,
	"status":      status,
	"tlsregistry": tlsregistry, "mkelf": mkelf, // scriptcmds_image_test.go
	"guarded": guarded, "cluster": cluster, // scriptcmds_login_test.go
	"openshift": openshift,                      // oauth_test.go
	"believes":  believes, "dnsnames": dnsnames, // scriptcmds_ca_test.go
	"signed": signed, // scriptcmds_trust_test.go
}

// portLock keeps scripts that run side by side from being given the same port.
var portLock = struct {
	sync.Mutex
	given map[int]bool
}{given: map[int]bool{}}

// freeport VAR: sets VAR to a port on loopback that nobody listens on.
func freeport(ts *testscript.TestScript, _ bool, args []string) {
	portLock.Lock()
	defer portLock.Unlock()
	for {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		port := ln.Addr().(*net.TCPAddr).Port
		ts.Check(ln.Close())
		if !portLock.given[port] {
			portLock.given[port] = true
			ts.Setenv(args[0], strconv.Itoa(port))
			return
		}
	}
}

// waitfor URL|FILE: waits until the URL answers below 500 (any certificate will do), or the file is there.
func waitfor(ts *testscript.TestScript, _ bool, args []string) {
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	var err error
	for range 300 {
		if strings.HasPrefix(args[0], "http") {
			var resp *http.Response
			if resp, err = client.Get(args[0]); err == nil {
				resp.Body.Close()
				if resp.StatusCode < 500 {
					return
				}
			}
		} else if _, err = os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("%s did not come up: %v", args[0], err)
}

// mkimage KIND PATH: makes an image of two random layers. KIND is oci (a layout
// folder), index (a layout folder with two platforms) or docker (a docker-archive).
func mkimage(ts *testscript.TestScript, _ bool, args []string) {
	kind, path := args[0], ts.MkAbs(args[1])
	img, err := random.Image(4096, 2)
	ts.Check(err)
	switch kind {
	case "docker":
		tag, err := name.NewTag("made/in-test:v1")
		ts.Check(err)
		ts.Check(tarball.WriteToFile(path, tag, img))
	case "oci", "index":
		p, err := layout.Write(path, empty.Index)
		ts.Check(err)
		if kind == "oci" {
			ts.Check(p.AppendImage(img))
			return
		}
		idx, err := random.Index(4096, 2, 2)
		ts.Check(err)
		ts.Check(p.AppendIndex(idx, layout.WithPlatform(v1.Platform{})))
	default:
		ts.Fatalf("mkimage: unknown kind %q", kind)
	}
}

// mode PERM FILE...: fails unless each file has these permissions (octal).
func mode(ts *testscript.TestScript, neg bool, args []string) {
	for _, f := range args[1:] {
		info, err := os.Stat(ts.MkAbs(f))
		ts.Check(err)
		if got := fmt.Sprintf("%04o", info.Mode().Perm()); (got == args[0]) == neg {
			ts.Fatalf("%s has mode %s, want %s", f, got, args[0])
		}
	}
}

// status CODE COMMAND ARGS...: fails unless the command ends with exactly this
// exit status; its streams are then there for stdout and stderr.
func status(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if want := args[0]; strconv.Itoa(code) != want {
		ts.Fatalf("%s: exit status %d, want %s", strings.Join(args[1:], " "), code, want)
	}
}

// example [OLD=NEW]... -- COMMAND PATH: runs every line of a command's Example as
// its help prints it, through sh, with OLD replaced by NEW (host names, ports). A
// command that runs until it is stopped (serve) is stopped by SIGTERM as soon as it
// says that it listens, and must then end well.
func example(ts *testscript.TestScript, _ bool, args []string) {
	var swaps []string
	for len(args) > 0 && args[0] != "--" {
		old, repl, _ := strings.Cut(args[0], "=")
		swaps, args = append(swaps, old, repl), args[1:]
	}
	if len(args) < 2 {
		ts.Fatalf("usage: example [OLD=NEW]... -- COMMAND PATH")
	}
	root := ts.Value("root").(*cobra.Command)
	cmd, rest, err := root.Find(args[1:])
	ts.Check(err)
	if len(rest) > 0 || cmd.Example == "" {
		ts.Fatalf("no example for %q", strings.Join(args[1:], " "))
	}
	script := strings.NewReplacer(swaps...).Replace(cmd.Example)
	for line := range strings.SplitSeq(strings.ReplaceAll(script, "\\\n", ""), "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			run := line
			if cmd.Name() == "serve" {
				run = `: >serve.log; ` + line + ` >>serve.log 2>&1 & pid=$!
					until grep -q 'listening on' serve.log; do kill -0 $pid || { cat serve.log >&2; exit 1; }; sleep 0.1; done
					kill -TERM $pid; wait $pid || { cat serve.log >&2; exit 1; }`
			}
			if err := ts.Exec("sh", "-e", "-c", run); err != nil {
				ts.Fatalf("example of %s: %s: %v", cmd.CommandPath(), line, err)
			}
		}
	}
}

// exampleCalls lists the commands whose examples some script runs, here or against an API server.
func exampleCalls() (map[string]bool, error) {
	var all []string
	for _, scripts := range []string{"testdata/script/*", "e2e/testdata", "e2e/[an]*/testdata", "e2e/openshift/testdata/*"} { // a, n: api and node
		found, err := filepath.Glob("../../" + scripts + "/*.txtar")
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	called := map[string]bool{}
	for _, f := range all {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(b)) {
			if words := strings.Fields(line); len(words) > 0 && words[0] == "example" {
				_, path, _ := strings.Cut(line, "-- ")
				called[strings.TrimSpace(path)] = true
			}
		}
	}
	return called, nil
}

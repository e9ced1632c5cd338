package e2e

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/regctl/regctl/e2e/scripts"
	"github.com/rogpeppe/go-internal/testscript"
)

// commands are what scripts can do beyond testscript's own.
func commands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	return map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"freeport":     freePorts(),
		"slowline":     slowline,
		"dockerd":      dockerd,
		"bucketpolicy": scripts.BucketPolicy, "azurecontainer": scripts.AzureContainer,
		"example": scripts.Commands()["example"],
		// in jobs_linux_test.go
		"start": start, "waitfor": waitfor, "signal": signalJob, "running": running, "finish": finish, "quit": quit,
	}
}

// freePorts makes the command freeport VAR: sets VAR to a port that no script was
// given before. In a network of one's own, none below those for outgoing connections is taken.
func freePorts() func(ts *testscript.TestScript, neg bool, args []string) {
	var last atomic.Int32
	last.Store(20000)
	return func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Setenv(args[0], strconv.Itoa(int(last.Add(1))))
	}
}

// dockerd: starts a docker daemon for this script, as the job dockerd, and sets
// DOCKER_HOST. Docker's own bridge and its packet filter rules, which two daemons
// would share, are left out.
func dockerd(ts *testscript.TestScript, _ bool, _ []string) {
	dir, err := os.MkdirTemp("/run", "docker") // names of sockets must be short
	ts.Check(err)
	socket := dir + "/docker.sock"
	ts.Setenv("DOCKER_HOST", "unix://"+socket)
	start(ts, false, []string{
		"dockerd", "dockerd", "--data-root", ts.MkAbs("docker"), "--exec-root", dir, "--pidfile", dir + "/docker.pid",
		"--host", "unix://" + socket, "--bridge", "none", "--iptables=false", "--ip6tables=false", "--log-level", "warn",
	})
	job := jobsOf(ts).get(ts, "dockerd")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	for limit := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		resp, err := client.Get("http://docker/_ping")
		if err == nil {
			resp.Body.Close()
			return
		}
		if job.over() || time.Now().After(limit) {
			ts.Fatalf("dockerd did not come up: %v", err)
		}
	}
}

// slowline PORT TARGET: passes connections to the node's PORT on to TARGET (HOST:PORT), 40 MB a second at most each way.
func slowline(ts *testscript.TestScript, _ bool, args []string) {
	ln, err := net.Listen("tcp", net.JoinHostPort(nodeIP, args[0]))
	ts.Check(err)
	ts.Defer(func() { ln.Close() })
	go func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", args[1])
			if err != nil {
				fmt.Println("slowline:", err)
				client.Close()
				continue
			}
			go slowly(server.(*net.TCPConn), client)
			go slowly(client.(*net.TCPConn), server)
		}
	}()
}

func slowly(to *net.TCPConn, from io.Reader) {
	for {
		_, err := io.CopyN(to, from, 400<<10)
		if err != nil {
			_ = to.CloseWrite()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

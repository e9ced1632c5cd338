package e2e

import (
	"fmt"
	"io"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// commands are what scripts can do beyond testscript's own.
func commands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	return map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"freeport": freePorts(),
		"slowline": slowline,
		"start":    start, "waitfor": waitfor, "signal": signalJob, "finish": finish, "stop": stop, // jobs_linux_test.go
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

// slowline PORT TARGET: passes connections to the node's PORT on to TARGET (HOST:PORT), 20 MB a second each way.
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
		_, err := io.CopyN(to, from, 200<<10)
		if err != nil {
			_ = to.CloseWrite()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

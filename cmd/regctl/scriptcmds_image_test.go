package main

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"encoding/pem"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/inmemory"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/sirupsen/logrus"
)

// tlsregistry VAR CAFILE [delete]: starts a registry over TLS, which keeps its
// images in memory; sets VAR to its host:port and writes its certificate to CAFILE.
// It deletes images only where that is said.
func tlsregistry(ts *testscript.TestScript, _ bool, args []string) {
	logrus.SetOutput(io.Discard)
	cfg := &configuration.Configuration{Storage: configuration.Storage{
		"inmemory": {}, "maintenance": {"uploadpurging": map[any]any{"enabled": false}},
	}}
	if len(args) == 3 {
		cfg.Storage["delete"] = configuration.Parameters{"enabled": true}
	}
	cfg.HTTP.Secret, cfg.Log.AccessLog.Disabled, cfg.Catalog.MaxEntries = "test", true, 1000
	ctx, cancel := context.WithCancel(context.Background())
	ts.Defer(cancel)
	srv := httptest.NewUnstartedServer(handlers.NewApp(ctx, cfg))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	ts.Defer(srv.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), ca, 0o600))
	ts.Setenv(args[0], strings.TrimPrefix(srv.URL, "https://"))
}

// mkelf static|dynamic PATH: makes the smallest file that has the form of such a Linux program.
func mkelf(ts *testscript.TestScript, _ bool, args []string) {
	segment := map[string]elf.ProgType{"static": elf.PT_LOAD, "dynamic": elf.PT_INTERP}[args[0]]
	var b bytes.Buffer
	head := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(elf.EM_X86_64), Version: 1, Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1}
	copy(head.Ident[:], elf.ELFMAG+string([]byte{byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1}))
	ts.Check(binary.Write(&b, binary.LittleEndian, head))
	ts.Check(binary.Write(&b, binary.LittleEndian, elf.Prog64{Type: uint32(segment)}))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o700))
}

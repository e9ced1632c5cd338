package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkHelp is what a shell user pays before anything happens: the CPU time
// (user and system) of "regctl --help", and of an empty Go program beside it,
// since machines differ. It also tells the size of the stripped program.
func BenchmarkHelp(b *testing.B) {
	dir := b.TempDir()
	regctl := compile(b, filepath.Join(dir, "regctl"), ".")
	empty := compile(b, filepath.Join(dir, "empty"), emptyProgram(b, dir))
	info, err := os.Stat(regctl)
	if err != nil {
		b.Fatal(err)
	}
	if info.Size() > 90e6 {
		b.Fatalf("the program has %d bytes, more than 90 MB", info.Size())
	}
	var help, nothing time.Duration
	for b.Loop() {
		help += cpu(b, regctl, "--help")
		nothing += cpu(b, empty)
	}
	b.ReportMetric(float64(help.Microseconds())/1000/float64(b.N), "cpu-ms/help")
	b.ReportMetric(float64(nothing.Microseconds())/1000/float64(b.N), "cpu-ms/empty")
	b.ReportMetric(float64(help)/float64(nothing), "ratio")
	b.ReportMetric(float64(info.Size())/1e6, "MB")
}

func compile(b *testing.B, out, what string) string {
	b.Helper()
	cmd := exec.Command("go", "build", "-ldflags", "-s -w", "-o", out, what)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if msg, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, msg)
	}
	return out
}

func emptyProgram(b *testing.B, dir string) string {
	b.Helper()
	file := filepath.Join(dir, "empty.go")
	if err := os.WriteFile(file, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	return file
}

func cpu(b *testing.B, program string, args ...string) time.Duration {
	b.Helper()
	cmd := exec.Command(program, args...)
	if err := cmd.Run(); err != nil {
		b.Fatal(err)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

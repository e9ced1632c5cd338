package certs

import (
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSerialFilesOfAllVintages(t *testing.T) {
	last := "7" + strings.Repeat("F", 39)
	long := "1234567890ABCDEF1234567890ABCDEF12345678"
	for text, want := range map[string]string{
		"00\n":      "00\n",
		"0":         "00\n", // oadm up to 1.2: decimal, no line end
		"17":        "17\n",
		"A\n":       "0A\n",
		"ff\r\n":    "FF\n",
		"100":       "0100\n",
		long + "\n": long + "\n", // openssl -CAcreateserial
		last:        last + "\n", // the greatest that a certificate can have
	} {
		n, err := parseSerial([]byte(text))
		require.NoError(t, err, "%q", text)
		require.Equal(t, want, string(formatSerial(n)), "%q", text)
	}
	for _, text := range []string{"", "\n", "-5", "0x10", "zz", "1 2", "+1", "1_0", "\x00", "8" + strings.Repeat("0", 39)} {
		_, err := parseSerial([]byte(text))
		require.Error(t, err, "%q", text)
	}
}

// An old file is decimal: read as hex it must never lead to a number that was given before.
func TestADecimalSerialFileNeverRepeats(t *testing.T) {
	for last := range int64(2000) {
		n, err := parseSerial([]byte(big.NewInt(last).Text(10)))
		require.NoError(t, err)
		require.GreaterOrEqual(t, n.Int64(), last)
	}
}

func FuzzParseSerial(f *testing.F) {
	for _, s := range []string{"00\n", "1A", "-1", "zz", " 7 \n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		n, err := parseSerial(text)
		if err != nil {
			return
		}
		require.GreaterOrEqual(t, n.Sign(), 0)
		again, err := parseSerial(formatSerial(n))
		require.NoError(t, err)
		require.Zero(t, n.Cmp(again))
	})
}

// The directory d/x, needed by the last file, stands where the second one is to go:
// its rename fails after the first file was replaced.
func TestAFailedCommitPutsEverythingBack(t *testing.T) {
	dir := t.TempDir()
	a, x := filepath.Join(dir, "a"), filepath.Join(dir, "d", "x")
	require.NoError(t, os.WriteFile(a, []byte("old"), 0o640))
	err := commit(file{a, []byte("new"), 0o644}, file{x, []byte("x"), 0o644}, file{filepath.Join(x, "y"), []byte("y"), 0o644})
	require.ErrorContains(t, err, x+": ")
	b, err := os.ReadFile(a)
	require.NoError(t, err)
	require.Equal(t, "old", string(b))
	info, err := os.Stat(a)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1, "nothing but the old file: no directory, no temporary file")
}

func TestASymbolicLinkStays(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	require.NoError(t, os.WriteFile(real, []byte("old"), 0o666))
	require.NoError(t, os.Symlink(real, link))
	require.NoError(t, commit(file{link, []byte("new"), 0o600}))
	b, err := os.ReadFile(real)
	require.NoError(t, err)
	require.Equal(t, "new", string(b))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeSymlink)
}

// A lock file is removed by its holder: one who has opened it before must not
// take what is gone for the lock.
func TestOneHoldsTheLock(t *testing.T) {
	serial := filepath.Join(t.TempDir(), "serial")
	var inside, met atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				unlock, err := lock(serial)
				if err != nil {
					t.Error(err)
					return
				}
				if inside.Add(1) > 1 {
					met.Add(1)
				}
				runtime.Gosched()
				inside.Add(-1)
				unlock()
			}
		})
	}
	all.Wait()
	require.Zero(t, met.Load())
	require.NoFileExists(t, serial+".lock")
}

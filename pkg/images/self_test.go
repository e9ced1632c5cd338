package images_test

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/regctl/regctl/pkg/images"
	"github.com/stretchr/testify/require"
)

// program writes the smallest ELF file, which has one segment of this kind.
func program(t *testing.T, machine elf.Machine, segment elf.ProgType) string {
	t.Helper()
	var b bytes.Buffer
	head := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(machine), Version: 1, Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1}
	copy(head.Ident[:], elf.ELFMAG+string([]byte{byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1}))
	require.NoError(t, binary.Write(&b, binary.LittleEndian, head))
	require.NoError(t, binary.Write(&b, binary.LittleEndian, elf.Prog64{Type: uint32(segment)}))
	path := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o700))
	return path
}

func TestSelf(t *testing.T) {
	binary, err := images.ReadBinary(program(t, elf.EM_AARCH64, elf.PT_LOAD))
	require.NoError(t, err)
	ca := []byte("not a certificate")
	_, err = images.Self(images.SelfOptions{Binary: binary, CABundle: ca})
	require.ErrorContains(t, err, "no certificate")

	created := time.Unix(1_700_000_000, 0)
	ref, err := images.ParseName(images.SelfName("v1.2.3"))
	require.NoError(t, err)
	write := func(format string) string {
		img, err := images.Self(images.SelfOptions{Binary: binary, Created: created, Docker: format == images.DockerArchive})
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), "self.tar")
		require.NoError(t, img.WriteFile(t.Context(), path, format, ref))
		require.Equal(t, img.Root.Digest, open(t, path).Root.Digest)
		return path
	}
	for _, format := range []string{images.DockerArchive, images.OCIArchive} {
		first, second := write(format), write(format)
		require.Equal(t, read(t, first), read(t, second), format)
	}

	img, err := tarball.ImageFromPath(write(images.DockerArchive), &ref)
	require.NoError(t, err)
	cfg, err := img.ConfigFile()
	require.NoError(t, err)
	require.Equal(t, "linux/arm64", cfg.Platform().String())
	require.Equal(t, []string{"/regctl", "serve"}, cfg.Config.Entrypoint)
	require.Equal(t, "1001", cfg.Config.User)
	require.Contains(t, cfg.Config.Env, "REGCTL_SERVE_ADDR=:5000")
	require.True(t, cfg.Created.Equal(created))
	type file struct{ mode, uid int64 }
	got := map[string]file{}
	tr := tar.NewReader(mutate.Extract(img))
	for h, err := tr.Next(); err != io.EOF; h, err = tr.Next() {
		require.NoError(t, err)
		require.True(t, h.ModTime.Equal(created), h.Name)
		got[h.Name] = file{h.Mode, int64(h.Uid)}
	}
	require.Equal(t, map[string]file{
		"etc": {0o755, 0}, "etc/group": {0o644, 0}, "etc/passwd": {0o644, 0},
		"registry": {0o775, 1001}, "regctl": {0o755, 0}, "tmp": {0o1777, 0},
	}, got)
}

func TestReadBinaryRefuses(t *testing.T) {
	path := program(t, elf.EM_X86_64, elf.PT_INTERP)
	_, err := images.ReadBinary(path)
	require.ErrorContains(t, err, "not a static program")
	isKind(t, err, images.NotStatic, path)
	_, err = images.ReadBinary(program(t, elf.EM_68K, elf.PT_LOAD))
	require.ErrorContains(t, err, "not a supported platform")
	for name, content := range map[string]string{"empty": "", "short": "\x7fELF", "script": "#!/bin/sh\necho this is no program, but it is long enough to have a header of one\n"} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o700))
		_, err = images.ReadBinary(path)
		require.ErrorContains(t, err, "not a Linux program", name)
	}
	_, err = images.ReadBinary(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestSelfName(t *testing.T) {
	for version, want := range map[string]string{
		"v1.2.3": "regctl/regctl:v1.2.3", "(devel)": "regctl/regctl:devel", "": "regctl/regctl:latest",
		"v0.0.0-20260101000000-abcdef123456+dirty": "regctl/regctl:v0.0.0-20260101000000-abcdef123456-dirty",
	} {
		require.Equal(t, want, images.SelfName(version))
	}
}

package images

import (
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Binary is a program that needs nothing but a Linux kernel.
type Binary struct {
	Path     string
	Platform v1.Platform
	Version  string // of the Go module it was built from; empty in a development build
	Revision string // of the source; empty where unknown
}

// ReadBinary checks that a file is a static Linux program, which alone can be the
// only file of an image.
func ReadBinary(path string) (*Binary, error) {
	f, err := elf.Open(path)
	var format *elf.FormatError
	if errors.As(err, &format) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errorf(NotLinux, path, "%s: not a Linux program", path)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return nil, errorf(NotStatic, path, "%s: not a static program: it requires shared libraries", path)
		}
	}
	arch, err := goarch(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	b := &Binary{Path: path, Platform: v1.Platform{OS: "linux", Architecture: arch}}
	b.readBuild()
	return b, nil
}

// readBuild takes what the Go compiler noted; a program without that is fine too.
func (b *Binary) readBuild() {
	info, err := buildinfo.ReadFile(b.Path)
	if err != nil {
		return
	}
	if info.Main.Version != "(devel)" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Revision = s.Value
		}
	}
}

func goarch(f *elf.File) (string, error) {
	little := f.ByteOrder.String() == "LittleEndian"
	switch {
	case f.Machine == elf.EM_X86_64:
		return "amd64", nil
	case f.Machine == elf.EM_AARCH64:
		return "arm64", nil
	case f.Machine == elf.EM_386:
		return "386", nil
	case f.Machine == elf.EM_ARM:
		return "arm", nil
	case f.Machine == elf.EM_PPC64 && little:
		return "ppc64le", nil
	case f.Machine == elf.EM_S390:
		return "s390x", nil
	case f.Machine == elf.EM_RISCV:
		return "riscv64", nil
	}
	return "", fmt.Errorf("a program for %s, which is not a supported platform", f.Machine)
}

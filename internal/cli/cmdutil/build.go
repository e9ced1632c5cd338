package cmdutil

import (
	"runtime"
	"runtime/debug"
)

// Version identifies a build.
type Version struct {
	Version  string `json:"version"`  // v1.2.3, or (devel)
	Commit   string `json:"commit"`   // of the source; empty if unknown
	Date     string `json:"date"`     // of the commit, RFC 3339
	Go       string `json:"go"`       // version of the compiler
	Platform string `json:"platform"` // os/arch
}

// BuildVersion reads the build information that the compiler stored in the binary.
func BuildVersion() Version {
	v := Version{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Version = info.Main.Version
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.time":
			v.Date = s.Value
		}
	}
	return v
}

package cluster

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/moby/sys/mountinfo"
)

// cgroupPrefix begins the names of all cgroups made here.
const cgroupPrefix = "regctl-e2e-"

// cgroups are one folder in each cgroup hierarchy: that of version 2 holds all
// processes of a node, those of version 1, where there are any, its pods.
type cgroups struct {
	name     string
	mounts   []string // of all hierarchies; that of version 2 is the first
	lock     *os.File // held as long as the cgroups are in use
	programs *os.File // the folder of version 2 in which the node's programs are started
}

func newCgroups() (*cgroups, error) {
	mounts, err := hierarchies()
	if err != nil {
		return nil, err
	}
	g := &cgroups{name: cgroupPrefix + strings.ToLower(rand.Text()[:8]), mounts: mounts}
	enableControllers(mounts[0])
	for _, mount := range mounts {
		if err := os.Mkdir(filepath.Join(mount, g.name), 0o755); err != nil {
			return nil, errors.Join(err, g.remove())
		}
		if err := inheritCPUs(mount, g.name); err != nil {
			return nil, errors.Join(err, g.remove())
		}
	}
	if err := g.open(filepath.Join(mounts[0], g.name)); err != nil {
		return nil, errors.Join(err, g.remove())
	}
	return g, nil
}

func (g *cgroups) open(dir string) (err error) {
	if g.lock, err = tryLock(dir); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, "programs"), 0o755); err != nil {
		return err
	}
	g.programs, err = os.Open(filepath.Join(dir, "programs"))
	return err
}

// hierarchies are the mounted cgroup file systems, version 2 first.
func hierarchies() ([]string, error) {
	infos, err := mountinfo.GetMounts(mountinfo.FSTypeFilter("cgroup", "cgroup2"))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(infos, func(a, b *mountinfo.Info) int { return strings.Compare(b.FSType, a.FSType) })
	if len(infos) == 0 || infos[0].FSType != "cgroup2" {
		return nil, errors.New("/sys/fs/cgroup: no cgroup2 is mounted there, which a node needs (in a container: --privileged --cgroupns=host -v /sys/fs/cgroup:/sys/fs/cgroup)")
	}
	var mounts []string
	for _, info := range infos {
		mounts = append(mounts, info.Mountpoint)
	}
	return mounts, nil
}

// enableControllers lets cgroups below the root of version 2 limit what they use. What
// cannot be enabled, kubelet names: in version 1 it belongs to other hierarchies.
func enableControllers(root string) {
	controllers, _ := os.ReadFile(filepath.Join(root, "cgroup.controllers"))
	for _, name := range strings.Fields(string(controllers)) {
		_ = os.WriteFile(filepath.Join(root, "cgroup.subtree_control"), []byte("+"+name), 0o644)
	}
}

// inheritCPUs fills what a new cgroup of version 1 has empty: no process could enter it.
func inheritCPUs(mount, name string) error {
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		value, err := os.ReadFile(filepath.Join(mount, file))
		if errors.Is(err, os.ErrNotExist) { // another hierarchy, or the root of version 2
			continue
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(mount, name, file), value, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func tryLock(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", dir, err), f.Close())
	}
	return f, nil
}

// kill ends all processes in the cgroups and those they have started, and waits for that.
func (g *cgroups) kill() error {
	dir := filepath.Join(g.mounts[0], g.name)
	if err := os.WriteFile(filepath.Join(dir, "cgroup.kill"), []byte("1"), 0o644); err != nil {
		return err
	}
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		events, err := os.ReadFile(filepath.Join(dir, "cgroup.events"))
		if err != nil {
			return err
		}
		if strings.Contains(string(events), "populated 0") {
			return nil
		}
	}
	return fmt.Errorf("%s: processes in it do not die", dir)
}

func (g *cgroups) remove() error {
	var errs []error
	for _, mount := range g.mounts {
		errs = append(errs, removeCgroup(filepath.Join(mount, g.name)))
	}
	for _, f := range []*os.File{g.programs, g.lock} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}

// removeCgroup removes a folder whose files only the kernel can remove, from below.
func removeCgroup(dir string) error {
	var dirs []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			dirs = append(dirs, path)
		}
		return err
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, dir := range slices.Backward(dirs) {
		if err := syscall.Rmdir(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("rmdir %s: %w", dir, err)
		}
	}
	return nil
}

// Sweep removes the cgroups of nodes that were killed before they could do so.
func Sweep() error {
	mounts, err := hierarchies()
	if err != nil {
		return err
	}
	left, err := filepath.Glob(filepath.Join(mounts[0], cgroupPrefix+"*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		lock, err := tryLock(dir)
		if err != nil { // in use
			continue
		}
		if err := (&cgroups{name: filepath.Base(dir), mounts: mounts, lock: lock}).remove(); err != nil {
			return err
		}
	}
	return nil
}

package app

import (
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
)

// machineMemory is how many bytes this process may use: the machine's memory, or the
// least limit of the control groups that it is in; 4 GiB where none can be read.
func machineMemory() int64 { return memoryOf(os.DirFS("/")) }

// memoryOf is machineMemory for a file system of /proc and /sys.
//
// /proc/self/cgroup has a line hierarchy:controllers:path for each hierarchy. The path
// is of the whole machine or, in a container with a name space of its own, below the
// container's group; a group's limit counts for all groups below it.
func memoryOf(root fs.FS) int64 {
	least := int64(0)
	take := func(text []byte, unit int64) {
		n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err == nil && n > 0 && (least == 0 || n*unit < least) { // else "max", or nothing
			least = n * unit
		}
	}
	meminfo, _ := fs.ReadFile(root, "proc/meminfo")
	for line := range strings.Lines(string(meminfo)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "MemTotal:" {
			take([]byte(f[1]), 1<<10)
		}
	}
	groups, _ := fs.ReadFile(root, "proc/self/cgroup")
	for line := range strings.Lines(string(groups)) {
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(f) != 3 {
			continue
		}
		mount, file := "sys/fs/cgroup", "memory.max"
		switch {
		case f[1] == "memory": // version 1
			mount, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		case f[1] != "":
			continue
		}
		for group := path.Clean("/" + f[2]); ; group = path.Dir(group) {
			if text, err := fs.ReadFile(root, path.Join(mount, group, file)); err == nil {
				take(text, 1)
			}
			if group == "/" {
				break
			}
		}
	}
	if least == 0 {
		return 4 << 30
	}
	return least
}

package app

import (
	"testing"
	"testing/fstest"
)

func TestMemoryOfControlGroups(t *testing.T) {
	const meminfo = "MemTotal:       16384 kB\nMemFree:          100 kB\n"
	for name, tc := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"a machine": {map[string]string{"proc/self/cgroup": "0::/\n"}, 16 << 20},
		"a unit": {map[string]string{
			"proc/self/cgroup": "0::/system.slice/volley.service\n",
			"sys/fs/cgroup/system.slice/volley.service/memory.max": "5000\n",
			"sys/fs/cgroup/system.slice/memory.max":                "max\n",
		}, 5000},
		"a slice with less than its unit": {map[string]string{
			"proc/self/cgroup": "0::/system.slice/volley.service\n",
			"sys/fs/cgroup/system.slice/volley.service/memory.max": "5000\n",
			"sys/fs/cgroup/system.slice/memory.max":                "4000\n",
		}, 4000},
		"more than the machine": {map[string]string{
			"proc/self/cgroup":                  "0::/unit\n",
			"sys/fs/cgroup/unit/memory.max":     "9000000000\n",
			"sys/fs/cgroup/unit/memory.current": "7\n",
		}, 16 << 20},
		"a container": {map[string]string{
			"proc/self/cgroup":         "0::/\n",
			"sys/fs/cgroup/memory.max": "6000\n",
		}, 6000},
		"version 1": {map[string]string{
			"proc/self/cgroup": "5:cpu,cpuacct:/job\n4:memory:/slurm/job_7/step_0\n0::/\n",
			"sys/fs/cgroup/memory/slurm/job_7/memory.limit_in_bytes": "7000\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":             "9223372036854771712\n",
		}, 7000},
		"a container of version 1": {map[string]string{
			"proc/self/cgroup":                           "4:memory:/docker/0123\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "8000\n",
		}, 8000},
	} {
		root := fstest.MapFS{"proc/meminfo": {Data: []byte(meminfo)}}
		for file, text := range tc.files {
			root[file] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := memoryOf(root); got != tc.want {
			t.Errorf("%s: %d bytes, not %d", name, got, tc.want)
		}
	}
	if got := memoryOf(fstest.MapFS{}); got != 4<<30 {
		t.Errorf("nowhere: %d bytes", got)
	}
}

package server

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// Processes are the IDs of the server's and its workers' processes.
func (s *Server) Processes() []int {
	var out []int
	for _, p := range s.processes {
		out = append(out, p.Process.Pid)
	}
	return out
}

// CPU is the processor time that processes have used, to a hundredth of a second;
// 0 where the system does not say (only Linux does).
func CPU(processes ...int) (sum time.Duration) {
	for _, id := range processes {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
		if err != nil {
			continue
		}
		// after the name, in parentheses: state, …, user and system time as fields 12 and 13
		fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
		for _, f := range fields[min(11, len(fields)):min(13, len(fields))] {
			ticks, _ := strconv.ParseInt(string(f), 10, 64)
			sum += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return sum
}

// PeakMemory is the most memory in bytes that processes have held, each at its own
// worst; 0 where the system does not say.
func PeakMemory(processes ...int) (sum int64) {
	for _, id := range processes {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", id))
		if err != nil {
			continue
		}
		if _, rest, found := bytes.Cut(status, []byte("VmHWM:")); found {
			kib, _ := strconv.ParseInt(string(bytes.Fields(rest)[0]), 10, 64)
			sum += kib << 10
		}
	}
	return sum
}

package server

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of /proc/PID/stat's times (USER_HZ, 100 a second on all of Linux).
const clockTick = 10 * time.Millisecond

// CPU is how long the server's processes have run on processors so far. It counts
// in clock ticks, so measure many queries. Linux only.
func (s *Server) CPU() (time.Duration, error) {
	var ticks int64
	for _, p := range s.processes {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Process.Pid))
		if err != nil {
			return 0, err
		}
		_, rest, _ := strings.Cut(string(text), ") ") // the name may have blanks
		fields := strings.Fields(rest)
		for _, i := range []int{11, 12} { // utime and stime, of the fields after the name
			n, err := strconv.ParseInt(fields[i], 10, 64)
			if err != nil {
				return 0, err
			}
			ticks += n
		}
	}
	return time.Duration(ticks) * clockTick, nil
}

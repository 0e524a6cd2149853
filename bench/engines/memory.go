package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// peaks prints the peak memory of whole processes that answer one query and
// end.
func peaks(program, python, sql, from string, engines []engine) {
	fmt.Printf("peak memory of a process for Q1 csv (at most 64 MiB):")
	for _, e := range engines {
		cmd := exec.Command(program, "sql", "--threads", "2", "-c", fmt.Sprintf(sql, table("volley", from)))
		if e.name() != "volley" {
			cmd = exec.Command(python, "-c", peerScript, e.name(), fmt.Sprintf(sql, table(e.name(), from)))
			cmd.Env = append(os.Environ(), threads)
		}
		if err := cmd.Run(); err != nil {
			fmt.Printf(" %s: %v;", e.name(), err)
			continue
		}
		usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		fmt.Printf(" %s %d MiB;", e.name(), usage.Maxrss>>10)
	}
	fmt.Println()
}

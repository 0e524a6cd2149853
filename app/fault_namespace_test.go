package app

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// inNamespace tells a run of this program that it has a network of its own.
const inNamespace = "VOLLEY_TEST_NAMESPACE"

// TestFaultPackets does what TestFaultCut does with packets: each worker is in a
// network namespace of its own, and routes to nowhere drop what one side sends.
// No connection is told of that.
func TestFaultPackets(t *testing.T) {
	t.Parallel() // it mostly waits
	if os.Getenv(inNamespace) == "" {
		if out, err := exec.Command("unshare", "-rnm", "ip", "link", "add", "name", "probe", "type", "bridge").CombinedOutput(); err != nil {
			t.Skipf("network namespaces are not permitted here: %v: %s", err, out)
		}
		cmd := exec.Command("unshare", "-rnm", os.Args[0], "-test.run", "^TestFaultPackets$", "-test.v")
		cmd.Env = append(os.Environ(), inNamespace+"=1")
		out, err := cmd.CombinedOutput()
		t.Logf("%s", out)
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	c := startNamespaces(t, 3)
	file, dir := tableOf(t, 20000), t.TempDir()
	ways := []wayToCut{
		{"worker to coordinator", func(x, _ string) { c.drop(t, x, "") }},
		{"coordinator to worker", func(x, _ string) { c.drop(t, "", x) }},
		{"one worker to another", func(x, y string) { c.drop(t, x, y) }},
	}
	if longForm() {
		ways = append(ways,
			wayToCut{"worker and coordinator", func(x, _ string) { c.drop(t, x, ""); c.drop(t, "", x) }},
			wayToCut{"two workers", func(x, y string) { c.drop(t, x, y); c.drop(t, y, x) }})
	}
	c.cutInTurn(t, "packets", ways, func() float64 { return metric(t, c.http, "workers_lost_total") }, func() { c.heal(t) }, file, dir)
}

// spaceCluster is a cluster whose workers are in namespaces, joined by a bridge.
type spaceCluster struct {
	*faultCluster
	address map[string]string // by worker; "" is the coordinator
	routes  [][2]string       // dropped: from, to
}

func startNamespaces(t *testing.T, workers int) *spaceCluster {
	t.Helper()
	ip(t, 0, "link set lo up")
	ip(t, 0, "link add name bridge0 type bridge")
	ip(t, 0, "addr add 10.83.0.1/24 dev bridge0")
	ip(t, 0, "link set bridge0 up")
	c := &spaceCluster{address: map[string]string{"": "10.83.0.1"}}
	c.faultCluster = &faultCluster{cluster: &cluster{listen: freeAddress(t), flight: "10.83.0.1:7433", http: freeAddress(t)}, workers: map[string]*faultWorker{}}
	c.process = start(t, "coordinator", "--listen", c.listen, "--flight", c.flight, "--http", c.http, "--allow-path", "/", "--cluster-secret", "s3cret")
	for i := range workers {
		id, address := fmt.Sprintf("w%d", i+1), fmt.Sprintf("10.83.0.%d", i+2)
		c.address[id] = address
		w := &faultWorker{http: address + ":8433"}
		w.process = startInNamespace(t, i, address, "worker", "--coordinator", c.flight, "--threads", "1", "--id", id, "--http", w.http,
			"--flight", address+":7433", "--allow-path", "/", "--cluster-secret", "s3cret")
		c.workers[id] = w
	}
	c.watch = c.connect(t, workers)
	return c
}

// startInNamespace starts Volley in a new network namespace, which is connected
// before the program begins.
func startInNamespace(t *testing.T, i int, address string, args ...string) *process {
	t.Helper()
	p := newProcess(args...)
	p.cmd.Args = append([]string{"sh", "-c", `read go && exec "$0" "$@"`, p.cmd.Path}, args...)
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Path = sh
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	in, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.run(t)
	pid, port := p.cmd.Process.Pid, "port"+strconv.Itoa(i)
	ip(t, 0, "link add "+port+" type veth peer name inside"+strconv.Itoa(i))
	ip(t, 0, "link set inside"+strconv.Itoa(i)+" netns "+strconv.Itoa(pid))
	ip(t, 0, "link set "+port+" master bridge0 up")
	ip(t, pid, "link set lo up")
	ip(t, pid, "addr add "+address+"/24 dev inside"+strconv.Itoa(i))
	ip(t, pid, "link set inside"+strconv.Itoa(i)+" up")
	if _, err := io.WriteString(in, "go\n"); err != nil {
		t.Fatal(err)
	}
	return p
}

// ip runs the command of that name in the namespace of a process; 0: this one's.
func ip(t *testing.T, pid int, command string) {
	t.Helper()
	args := append([]string{"ip"}, strings.Fields(command)...)
	if pid != 0 {
		args = append([]string{"nsenter", "-t", strconv.Itoa(pid), "-n"}, args...)
	}
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v: %s", args, err, out)
	}
}

// drop lets nothing that one side sends to another arrive; "" is the coordinator.
func (c *spaceCluster) drop(t *testing.T, from, to string) {
	t.Helper()
	c.route(t, "add", from, to)
	c.routes = append(c.routes, [2]string{from, to})
}

func (c *spaceCluster) heal(t *testing.T) {
	t.Helper()
	for _, r := range c.routes {
		c.route(t, "del", r[0], r[1])
	}
	c.routes = nil
}

func (c *spaceCluster) route(t *testing.T, change, from, to string) {
	t.Helper()
	pid := 0
	if from != "" {
		pid = c.workers[from].cmd.Process.Pid
	}
	ip(t, pid, "route "+change+" blackhole "+c.address[to]+"/32")
}

package app

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/spf13/pflag"
)

// deployed is a process of an example, and what surrounds it.
type deployed struct {
	role    string // coordinator or worker
	flags   *pflag.FlagSet
	grace   time.Duration // between SIGTERM and SIGKILL
	opened  []string      // ports that the surroundings let through
	probes  [][2]string   // port and path
	aliases []string      // names that others know it by
}

// parsed reads a command line with the program's own flags.
func parsed(t *testing.T, words []string) *deployed {
	t.Helper()
	for _, cmd := range newRoot().Commands() {
		if len(words) > 0 && cmd.Name() == words[0] {
			if err := cmd.ParseFlags(words[1:]); err != nil {
				t.Errorf("%v: %v", words, err)
			}
			if rest := cmd.Flags().Args(); len(rest) > 0 {
				t.Errorf("%v: %v are no flags", words, rest)
			}
			return &deployed{role: cmd.Name(), flags: cmd.Flags()}
		}
	}
	t.Fatalf("%v is no command", words)
	return nil
}

func (d *deployed) value(name string) string {
	if f := d.flags.Lookup(name); f != nil {
		return f.Value.String()
	}
	return ""
}

func (d *deployed) port(name string) string {
	_, port, _ := net.SplitHostPort(d.value(name))
	return port
}

// check tells whether the processes of an example fit together.
func check(t *testing.T, all []*deployed) {
	t.Helper()
	var coordinator *deployed
	workers := 0
	for _, d := range all {
		if d.role == "coordinator" {
			coordinator = d
		}
	}
	if coordinator == nil {
		t.Fatal("there is no coordinator")
	}
	for _, d := range all {
		drain, err := d.flags.GetDuration("drain")
		if err != nil || d.grace <= drain {
			t.Errorf("%s: killed %v after SIGTERM, drains for %v, %v", d.role, d.grace, drain, err)
		}
		for _, probe := range d.probes {
			port, path := probe[0], probe[1]
			if port != d.port("http") || path != "/healthz" && path != "/readyz" {
				t.Errorf("%s is asked for %s at port %s, serves at %s", d.role, path, port, d.value("http"))
			}
		}
		if d.role != "worker" {
			continue
		}
		workers++
		host, port, err := net.SplitHostPort(d.value("coordinator"))
		if err != nil || port != coordinator.port("flight") {
			t.Errorf("workers look for the coordinator at %s, it is at %s", d.value("coordinator"), coordinator.value("flight"))
		}
		if len(coordinator.aliases) > 0 && !slices.Contains(coordinator.aliases, host) {
			t.Errorf("workers look for the coordinator at %s, its names are %v", host, coordinator.aliases)
		}
	}
	if workers == 0 {
		t.Error("there are no workers")
	}
}

// document is a parsed YAML document.
type document map[string]any

func documents(t *testing.T, path string) (out []document) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range strings.Split(string(text), "\n---\n") {
		d, err := yaml.Parser().Unmarshal([]byte(part))
		if err != nil {
			t.Fatalf("%s, document %d: %v", path, i+1, err)
		}
		out = append(out, d)
	}
	return out
}

// at is the value at a path of keys, nil for none.
func (d document) at(path ...string) any {
	var v any = map[string]any(d)
	for _, key := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

func (d document) in(path ...string) document {
	m, _ := d.at(path...).(map[string]any)
	return m
}

func (d document) text(path ...string) string { return fmt.Sprint(d.at(path...)) }

func (d document) each(path ...string) (out []document) {
	list, _ := d.at(path...).([]any)
	for _, v := range list {
		m, _ := v.(map[string]any)
		out = append(out, m)
	}
	return out
}

func (d document) words(path ...string) (out []string) {
	list, _ := d.at(path...).([]any)
	for _, v := range list {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

func TestComposeExample(t *testing.T) {
	d := documents(t, filepath.Join("..", "deploy", "compose", "compose.yaml"))[0]
	var all []*deployed
	for name := range d.in("services") {
		s := d.in("services", name)
		p := parsed(t, s.words("command"))
		p.aliases = []string{name}
		p.grace, _ = time.ParseDuration(s.text("stop_grace_period"))
		all = append(all, p)
		for _, published := range s.words("ports") {
			inside := published[strings.LastIndexByte(published, ':')+1:]
			if inside != p.port("listen") && inside != p.port("http") {
				t.Errorf("port %s of %s is published, nobody listens there", inside, name)
			}
			if !strings.HasPrefix(published, "127.0.0.1:") {
				t.Errorf("%s is open to other machines, without passwords", published)
			}
		}
	}
	check(t, all)
}

func TestKubernetesExample(t *testing.T) {
	all := documents(t, filepath.Join("..", "deploy", "kubernetes", "volley.yaml"))
	var pods []*deployed
	services := map[string]document{}
	for _, d := range all {
		if d.text("kind") == "Service" {
			services[d.text("metadata", "name")] = d
		}
	}
	for _, d := range all {
		if d.text("kind") != "StatefulSet" {
			continue
		}
		if labels, selector := d.text("spec", "template", "metadata", "labels"), d.text("spec", "selector", "matchLabels"); labels != selector {
			t.Errorf("%s selects %s, its pods are %s", d.text("metadata", "name"), selector, labels)
		}
		pod := d.in("spec", "template", "spec")
		c := pod.each("containers")[0]
		p := parsed(t, c.words("args"))
		p.grace, _ = time.ParseDuration(pod.text("terminationGracePeriodSeconds") + "s")
		p.aliases = []string{d.text("metadata", "name") + "-0." + d.text("spec", "serviceName")}
		for name, s := range services {
			if s.at("spec", "clusterIP") == nil && s.text("spec", "selector") == d.text("spec", "selector", "matchLabels") {
				p.aliases = append(p.aliases, name)
			}
		}
		for _, port := range c.each("ports") {
			p.opened = append(p.opened, port.text("containerPort"))
		}
		for _, probe := range []string{"startupProbe", "livenessProbe", "readinessProbe"} {
			if probe == "startupProbe" && c.at(probe) == nil {
				continue
			}
			p.probes = append(p.probes, [2]string{c.text(probe, "httpGet", "port"), c.text(probe, "httpGet", "path")})
		}
		if services[d.text("spec", "serviceName")].text("spec", "clusterIP") != "None" {
			t.Errorf("%s is no headless service", d.text("spec", "serviceName"))
		}
		for _, flag := range []string{"listen", "flight", "http"} {
			if port := p.port(flag); port != "" && !slices.Contains(p.opened, port) {
				t.Errorf("port %s of --%s of the %s is not among %v", port, flag, p.role, p.opened)
			}
		}
		checkMounts(t, d, pod, c)
		pods = append(pods, p)
	}
	check(t, pods)
	for name, flag := range map[string]string{"volley": "listen", "volley-coordinator": "flight", "volley-nodes": "flight"} {
		for _, p := range pods {
			if got := services[name].each("spec", "ports")[0].text("port"); p.role == "coordinator" && got != p.port(flag) {
				t.Errorf("the service %s is at %s, the coordinator at %s", name, got, p.value(flag))
			}
		}
	}
}

// checkMounts tells whether what a container mounts is there.
func checkMounts(t *testing.T, set, pod, container document) {
	t.Helper()
	var volumes []string
	for _, v := range pod.each("volumes") {
		volumes = append(volumes, v.text("name"))
	}
	for _, v := range set.each("spec", "volumeClaimTemplates") {
		volumes = append(volumes, v.text("metadata", "name"))
	}
	for _, m := range container.each("volumeMounts") {
		if !slices.Contains(volumes, m.text("name")) {
			t.Errorf("there is no volume %s", m.text("name"))
		}
	}
}

func TestSystemdExamples(t *testing.T) {
	var all []*deployed
	for _, name := range []string{"coordinator", "worker"} {
		text, err := os.ReadFile(filepath.Join("..", "deploy", "systemd", "volley-"+name+".service"))
		if err != nil {
			t.Fatal(err)
		}
		unit := map[string]string{}
		for _, line := range strings.Split(strings.ReplaceAll(string(text), "\\\n", " "), "\n") {
			if key, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
				unit[key] = value
			}
		}
		p := parsed(t, strings.Fields(unit["ExecStart"])[1:])
		p.grace, _ = time.ParseDuration(unit["TimeoutStopSec"] + "s")
		if p.role != name || unit["KillSignal"] != "SIGTERM" {
			t.Errorf("%s: %v", name, unit)
		}
		all = append(all, p)
	}
	check(t, all)
}

// slurmCommand is a start of the program in the script.
var slurmCommand = regexp.MustCompile(`"\$VOLLEY" ((?:sql|worker) [^&'\n]*)`)

func TestSlurmExample(t *testing.T) {
	path := filepath.Join("..", "deploy", "slurm", "volley.sbatch")
	if out, err := exec.Command("bash", "-n", path).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	processes := map[string]*deployed{}
	for _, m := range slurmCommand.FindAllStringSubmatch(strings.ReplaceAll(string(text), "\\\n", " "), -1) {
		line := strings.NewReplacer(`"`, "", "$SLURM_NNODES", "8").Replace(m[1])
		p := parsed(t, strings.Fields(line))
		processes[p.role] = p
	}
	sql, worker := processes["sql"], processes["worker"]
	if sql == nil || worker == nil || len(processes) != 2 {
		t.Fatalf("the script starts %v", processes)
	}
	if port := sql.port("flight"); port == "" || !strings.Contains(string(text), "COORDINATOR=$(hostname):"+port+"\n") || worker.value("coordinator") != "$COORDINATOR" {
		t.Errorf("workers look for %s, the query is at %s", worker.value("coordinator"), sql.value("flight"))
	}
	if sql.value("workers") != "8" || sql.value("file") != "$query" {
		t.Errorf("%s workers for %s", sql.value("workers"), sql.value("file"))
	}
	for _, m := range regexp.MustCompile(`VOLLEY_([A-Z_]+)`).FindAllStringSubmatch(string(text), -1) {
		if flag := strings.ToLower(strings.ReplaceAll(m[1], "_", "-")); sql.flags.Lookup(flag) == nil || worker.flags.Lookup(flag) == nil {
			t.Errorf("there is no flag --%s for %s", flag, m[0])
		}
	}
}

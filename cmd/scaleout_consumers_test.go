//go:build unix

package cmd

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"ganglion/internal/shareddata"
)

// consumers are those that docs/scale-out.md prints, by the word behind the fence.
// Each is what runs a folder with its text in the file.
var consumers = []struct {
	language, file string
	command        func(t *testing.T, dir string) *exec.Cmd
}{
	{"go", "main.go", func(t *testing.T, dir string) *exec.Cmd {
		if testing.Short() {
			t.Skip("compiles a program")
		}
		c := exec.Command("go", "build", "-o", filepath.Join(dir, "consumer"), filepath.Join(dir, "main.go"))
		c.Dir = shareddata.Project(t)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return exec.Command(filepath.Join(dir, "consumer"))
	}},
	{"js", "main.mjs", func(t *testing.T, dir string) *exec.Cmd {
		packages := filepath.Join(shareddata.Project(t), ".ci", "nats-js", "node_modules")
		if _, err := exec.LookPath("node"); err != nil {
			t.Skip("node is not installed")
		}
		if _, err := os.Stat(packages); err != nil {
			t.Skip("the packages @nats-io are not installed in .ci/nats-js (npm ci)")
		}
		if err := os.Symlink(packages, filepath.Join(dir, "node_modules")); err != nil {
			t.Fatal(err)
		}
		return exec.Command("node", filepath.Join(dir, "main.mjs"))
	}},
	{"sh", "main.sh", func(t *testing.T, dir string) *exec.Cmd {
		if _, err := exec.LookPath("nats"); err != nil {
			t.Skip("the nats command is not installed")
		}
		return exec.Command("bash", filepath.Join(dir, "main.sh"))
	}},
}

// Every consumer that the documentation prints is killed and started again, and
// sees each detection once; one that it had at its death may come again.
func TestConsumersOfTheDocumentationResumeAndSeeEachDetectionOnce(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "scale-out.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, consuming, _ := strings.Cut(string(page), "\n## Consuming\n")
	h := newHall(t, "configs/motion.yaml")
	h.work()
	h.feed("max")
	h.ended("motion")
	want := map[string]bool{}
	for line := range strings.Lines(h.stored()) {
		want[nameOf(line)] = true
	}
	if len(want) < 300 {
		t.Fatalf("only %d detections", len(want))
	}
	for _, c := range consumers {
		t.Run(c.language, func(t *testing.T) {
			dir := t.TempDir()
			m := regexp.MustCompile("(?s)\n```" + c.language + "\n(.*?)\n```\n").FindStringSubmatch(consuming)
			if m == nil {
				t.Fatal("docs/scale-out.md has none")
			}
			text := strings.ReplaceAll(m[1], "nats://127.0.0.1:4222", h.url)
			if err := os.WriteFile(filepath.Join(dir, c.file), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			run := c.command(t, dir)
			seen := map[string]int{}
			most := len(want)
			if c.language == "sh" {
				most = 40 // a process for each
			}
			kills := 0
			for len(seen) < most {
				left := most - len(seen)
				if kills < 2 {
					left = most / 3
				}
				consume(t, exec.Command(run.Path, run.Args[1:]...), h.url, left, seen)
				kills++
			}
			again := 0
			for name, n := range seen {
				if !want[name] {
					t.Errorf("%q is none of the detections", name)
				}
				again += n - 1
			}
			if again > kills {
				t.Errorf("%d detections came again after %d deaths", again, kills)
			}
		})
	}
}

// consume starts a consumer and kills it once it has told of n more detections.
func consume(t *testing.T, c *exec.Cmd, url string, n int, seen map[string]int) {
	t.Helper()
	c.Env = append(os.Environ(), "NATS_URL="+url)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var says strings.Builder
	c.Stderr = &says
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	end := func() { _ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	late := time.AfterFunc(60*time.Second, end)
	defer late.Stop()
	fresh := 0
	for lines := bufio.NewScanner(out); lines.Scan(); { // also what it said before it died
		name := nameOf(lines.Text())
		if name == "" {
			continue // what nats says of the consumer
		}
		if seen[name]++; seen[name] == 1 {
			fresh++
		}
		if fresh >= n {
			end()
		}
	}
	_ = c.Wait() // it was killed
	if fresh < n {
		t.Fatalf("%d of %d detections came; it says %s", fresh, n, says.String())
	}
}

var printedRecord = regexp.MustCompile(`^(\S+ [0-9a-f-]{16,} \d+) \w+$`)

// nameOf is the name of a detection in a line, which is a record or begins with
// stream, run and number.
func nameOf(line string) string {
	var d struct {
		Stream, Run string
		Seq         uint64
	}
	if json.Unmarshal([]byte(line), &d) == nil && d.Run != "" {
		return fmt.Sprintln(d.Stream, d.Run, d.Seq)
	}
	if m := printedRecord.FindStringSubmatch(line); m != nil {
		return m[1] + "\n"
	}
	return ""
}

package nats

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ganglion/internal/shareddata"
)

// printed is the program of a language in docs/consume.md.
func printed(t *testing.T, language string) string {
	t.Helper()
	page, err := os.ReadFile(shareddata.Project(t, "docs", "consume.md"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(page)
	if m == nil {
		t.Fatalf("docs/consume.md has no program in %s", language)
	}
	return string(m[1])
}

// TestTheSubscribersOfTheDocumentationReceive runs the programs that docs/consume.md
// prints, and publishes to them.
func TestTheSubscribersOfTheDocumentationReceive(t *testing.T) {
	for language, run := range map[string]func(dir, program string) *exec.Cmd{
		"python": func(dir, program string) *exec.Cmd {
			file := filepath.Join(dir, "main.py")
			if err := os.WriteFile(file, []byte(program), 0o600); err != nil {
				t.Fatal(err)
			}
			return exec.Command("python3", file)
		},
		"js": func(dir, program string) *exec.Cmd {
			packages := shareddata.Project(t, ".ci", "nats-js", "node_modules")
			if _, err := os.Stat(packages); err != nil {
				return nil
			}
			file := filepath.Join(dir, "main.mjs")
			if err := os.WriteFile(file, []byte(program), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(packages, filepath.Join(dir, "node_modules")); err != nil {
				t.Fatal(err)
			}
			return exec.Command("node", file)
		},
	} {
		t.Run(language, func(t *testing.T) {
			cmd := run(t.TempDir(), printed(t, language))
			if cmd == nil {
				t.Skip("the packages @nats-io are not installed in .ci/nats-js (npm ci)")
			}
			if _, err := exec.LookPath(cmd.Args[0]); err != nil {
				t.Skipf("%s is not installed", cmd.Args[0])
			}
			receives(t, cmd)
		})
	}
}

// receives waits until the program listens, publishes, and reads what it prints.
func receives(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	url := embeddedServer(t)
	cmd.Env = append(os.Environ(), "NATS="+strings.TrimPrefix(url, "nats://"))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // by that kill
	}()
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "listening" {
		t.Fatalf("it printed %q", lines.Text())
	}
	s := open(t, config(url))
	ds := detections(0, 3)
	write(t, s, ds)
	for i := range ds {
		if !lines.Scan() {
			t.Fatalf("it printed %d lines of %d: %v", i, len(ds), lines.Err())
		}
		words := strings.Fields(lines.Text())
		if len(words) < 3 || !strings.HasSuffix(words[0], "."+words[1]) || words[1] != string(ds[i].Kind) {
			t.Errorf("it printed %q of %+v", lines.Text(), ds[i])
		}
	}
}

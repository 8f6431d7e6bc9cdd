package natstest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// module holds the nats-server program; go.mod pins its version.
const module = "github.com/nats-io/nats-server/v2"

// Server is a nats-server process.
type Server struct {
	t    testing.TB
	path string
	args []string
	cmd  *exec.Cmd
	URL  string
}

// StartServer runs nats-server on a free loopback port, with further arguments
// if need be, until the test ends. The program is the one on the PATH, or is
// built from the module cache; where neither can be had the test is skipped.
func StartServer(t testing.TB, args ...string) *Server {
	t.Helper()
	s := &Server{t: t, path: program(t), args: args}
	s.start("-1")
	t.Cleanup(s.Kill)
	return s
}

// Kill ends the process as kill -9 does.
func (s *Server) Kill() {
	if s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
}

// Restart starts the process again, on the same port.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	s.start(s.URL[strings.LastIndexByte(s.URL, ':')+1:])
}

// start runs the process and waits until its log says that it is ready.
func (s *Server) start(port string) {
	s.t.Helper()
	s.cmd = exec.Command(s.path, append([]string{"-a", "127.0.0.1", "-p", port}, s.args...)...)
	log, err := s.cmd.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		if _, address, ok := strings.Cut(lines.Text(), "Listening for client connections on "); ok {
			s.URL = "nats://" + address
		}
		if strings.Contains(lines.Text(), "Server is ready") {
			go func() { // ends with the process
				for lines.Scan() {
				}
			}()
			return
		}
	}
	_ = s.cmd.Wait()
	s.t.Fatalf("nats-server did not start:\n%s", strings.Join(said, "\n"))
}

// built is the program that this process built, empty when it did not.
var built string

var build = sync.OnceValue(func() error {
	dir, err := os.MkdirTemp("", "nats-server-")
	if err != nil {
		return err
	}
	built = filepath.Join(dir, "nats-server")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", "build", "-o", built, module).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
})

func program(t testing.TB) string {
	t.Helper()
	if path, err := exec.LookPath("nats-server"); err == nil {
		return path
	}
	if err := build(); err != nil {
		t.Skipf("nats-server is neither on the PATH nor can it be built: %v", err)
	}
	return built
}

// Main runs the tests of a package that uses [StartServer] and removes what
// that has built. TestMain hands its result to os.Exit.
func Main(m *testing.M) int {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(filepath.Dir(built))
	}
	return code
}

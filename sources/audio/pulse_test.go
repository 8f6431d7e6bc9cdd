package audio

import (
	"context"
	"errors"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/pipelinetest"
)

// soundServer runs a PulseAudio server with a sink that goes nowhere, whose
// monitor can be recorded. Without the program the test is skipped.
func soundServer(t *testing.T) *exec.Cmd {
	t.Helper()
	for _, name := range []string{"pulseaudio", "pacat"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
	dir, err := os.MkdirTemp("", "pulse") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for _, name := range []string{"HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH"} {
		t.Setenv(name, dir)
	}
	socket := filepath.Join(dir, "native")
	t.Setenv("PULSE_SERVER", "unix:"+socket)
	var log strings.Builder
	cmd := exec.Command("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--realtime=no",
		"--high-priority=no",
		"-L", "module-native-protocol-unix auth-anonymous=1 socket="+socket,
		"-L", "module-null-sink sink_name=hall rate=16000 channels=1 format=s16le")
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }() // ends with the process
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-exited
	})
	for end := time.Now().Add(20 * time.Second); ; {
		if c, err := net.Dial("unix", socket); err == nil {
			c.Close()
			return cmd
		}
		select {
		case err := <-exited:
			exited <- err
			t.Skipf("pulseaudio does not run here: %v\n%s", err, log.String())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(end) {
			t.Fatalf("pulseaudio does not listen\n%s", log.String())
		}
	}
}

func pulseConfig(source string) Config {
	c := defaults(pulseScheme + source)
	c.Raw = RawConfig{Rate: 16000, Channels: 1, Encoding: "s16le"}
	return c
}

// TestARecordingIsWhatIsPlayed plays a sound to a real sound server and records
// it from there.
func TestARecordingIsWhatIsPlayed(t *testing.T) {
	soundServer(t)
	s, info := open(t, pulseConfig("hall.monitor"))
	if !info.Live || info.SampleRate != 16000 || info.Channels != 1 {
		t.Errorf("%+v", info)
	}
	x := tones(16000)
	path := writeFile(t, "a.raw", plainWAV(16000, 1, x)[44:])
	play := exec.Command("pacat", "--playback", "--raw", "--rate=16000", "--channels=1", "--format=s16le", "--device=hall",
		"--latency-msec=50", path)
	if err := play.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := play.Wait(); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var heard []float32
	var b pipeline.Batch
	for len(heard) < 14_000 {
		b.Reset()
		if err := s.Read(ctx, &b); err != nil {
			t.Fatalf("after %d samples: %v", len(heard), err)
		}
		for _, v := range b.PCM {
			if v != 0 || len(heard) > 0 {
				heard = append(heard, v)
			}
		}
	}
	if n := longestCopy(heard, x); n < 1600 {
		t.Errorf("%d samples in a row are what was played, want 1600: a tenth of a second", n)
	}
	if d := s.Damage(); len(d) > 0 {
		t.Error(d)
	}
}

// longestCopy is the length of the longest stretch of got, from a multiple of
// 500 on, that stands in want, to one step of 16 bits. The server may lose some
// of the first sound to a sink that wakes up, and more where it is held up.
func longestCopy(got []float32, want []int16) (best int) {
	for i := 0; i < len(got); i += 500 {
		for at := range want {
			n := 0
			for i+n < len(got) && at+n < len(want) && math.Abs(float64(got[i+n])-float64(want[at+n])/(1<<15)) < 1.5/(1<<15) {
				n++
			}
			best = max(best, n)
		}
	}
	return best
}

func TestARecorderKeepsTheContractOfSources(t *testing.T) {
	soundServer(t)
	pipelinetest.Source(t, pipelinetest.SourceCase{Endless: true, New: func() (pipeline.Source, error) {
		return New(pulseConfig(""), component.Env{Now: time.Now})
	}})
}

func TestTheEndOfTheSoundServerEndsTheStream(t *testing.T) {
	server := soundServer(t)
	s, _ := open(t, pulseConfig("hall.monitor"))
	var b pipeline.Batch
	if err := s.Read(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		b.Reset()
		if err := s.Read(ctx, &b); err != nil {
			if !strings.Contains(err.Error(), "the sound server is gone") {
				t.Error(err)
			}
			return
		}
	}
}

func TestAWrongSourceIsNamedWithTheRightOnes(t *testing.T) {
	soundServer(t)
	s, err := New(pulseConfig("kitchen"), component.Env{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context()); err == nil || !strings.Contains(err.Error(), "there are: hall.monitor") {
		t.Error(err)
	}
	s.Close()
}

func TestASoundServerThatIsSilentOrGoneIsAnError(t *testing.T) {
	dir, err := os.MkdirTemp("", "pulse")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "native")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("PULSE_SERVER", socket)
	s, err := New(pulseConfig(""), component.Env{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Open(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error("a silent server:", err)
	}
	t.Setenv("PULSE_SERVER", filepath.Join(dir, "none"))
	if _, err := s.Open(t.Context()); err == nil {
		t.Error("no server was opened")
	}
	t.Setenv("PULSE_SERVER", "x11")
	if _, err := s.Open(t.Context()); err == nil || !strings.Contains(err.Error(), "want unix:PATH or tcp:HOST:PORT") {
		t.Error(err)
	}
	s.Close()
}

func TestTheSoundServerIsFoundAsClientsFindIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ server, network, address string }{
		{"", "unix", "/run/user/1/pulse/native"}, {"unix:/a", "unix", "/a"}, {"/b", "unix", "/b"},
		{"tcp:host:4713", "tcp", "host:4713"}, {"tcp6:[::1]:4713", "tcp6", "[::1]:4713"},
	} {
		network, address, err := pulseServer(func(name string) (string, bool) {
			if name == "PULSE_SERVER" {
				return c.server, c.server != ""
			}
			return "/run/user/1", true
		})
		if err != nil || network != c.network || address != c.address {
			t.Errorf("%q: %s %s, %v", c.server, network, address, err)
		}
	}
}

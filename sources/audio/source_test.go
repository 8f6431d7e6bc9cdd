package audio

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/pipelinetest"
)

func TestComponentIsDeclaredWithoutFault(t *testing.T) {
	t.Parallel()
	if err := Component().Check(); err != nil {
		t.Error(err)
	}
}

func TestConfigFaultsAreNamed(t *testing.T) {
	t.Parallel()
	for want, edit := range map[string]func(*Config){
		`channels: "middle" is none of mix, left, right, all and a list such as 0,2`: func(c *Config) { c.Channels = "middle" },
		`pace: "fast" is none of max, realtime and a factor such as 2x or 0.5`:       func(c *Config) { c.Pace = "fast" },
		"window: 1.5µs is not a whole number of microseconds":                        func(c *Config) { c.Window = 1500 },
		"end: 1s is not after start 1s": func(c *Config) {
			c.Start, c.End = time.Second,
				time.Second
		},
		"format: datagrams carry raw sound, not auto": func(c *Config) { c.Path = "udp://:5000" },
	} {
		c := defaults("x.wav")
		edit(&c)
		if err := c.Validate(); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestSourcesKeepTheirContract(t *testing.T) {
	t.Parallel()
	x := tones(16000)
	wav, fl := writeFile(t, "a.wav", plainWAV(16000, 2, x)), writeFile(t, "a.flac", writeFLAC(t, 16000, 2, x))
	for _, path := range []string{wav, fl} {
		for _, rate := range []int{0, 8000, 11025} {
			pipelinetest.Source(t, pipelinetest.SourceCase{New: func() (pipeline.Source, error) {
				c := defaults(path)
				c.Rate, c.Channels = rate, "all"
				return New(c, component.Env{Now: time.Now})
			}})
		}
	}
	pipelinetest.Source(t, pipelinetest.SourceCase{Endless: true, New: func() (pipeline.Source, error) {
		c := defaults("udp://127.0.0.1:0")
		c.Format = formatRaw
		return New(c, component.Env{Now: time.Now})
	}})
}

func TestSamplesDoNotDependOnWindowOrFormat(t *testing.T) {
	t.Parallel()
	x := tones(2 * 12345)
	wav, fl := writeFile(t, "a.wav", plainWAV(44100, 2, x)), writeFile(t, "a.flac", writeFLAC(t, 44100, 2, x))
	for _, rate := range []int{0, 16000} {
		var want []float32
		for _, path := range []string{wav, fl} {
			for _, window := range []time.Duration{10 * time.Millisecond, 333 * time.Microsecond, time.Second} {
				c := defaults(path)
				c.Rate, c.Window = rate, window
				s, info := open(t, c)
				got := play(t, s)
				if want == nil {
					want = got
				}
				if !cmp.Equal(want, got) {
					t.Errorf("%s in windows of %v at %d Hz: %d samples differ from %d", info.Format, window, info.SampleRate, len(got), len(want))
				}
			}
		}
	}
}

func TestChannelsAreChosenOrMixed(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "a.wav", plainWAV(8000, 3, []int16{3 << 12, 0, -3 << 12, 3 << 12, 3 << 12, 0}))
	for channels, want := range map[string][]float32{
		"mix": {0, .25}, "left": {.375, .375}, "right": {0, .375}, "2,0": {-.375, .375, 0, .375},
		"all": {.375, 0, -.375, .375, .375, 0},
	} {
		c := defaults(path)
		c.Channels = channels
		s, info := open(t, c)
		if diff := cmp.Diff(want, play(t, s)); diff != "" || info.Channels != len(want)/2 {
			t.Errorf("%s, %d channels: %s", channels, info.Channels, diff)
		}
	}
	c := defaults(path)
	c.Channels = "3"
	s, err := New(c, component.Env{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Open(context.Background()); err == nil {
		t.Error("channel 3 of 3 was found")
	}
}

func TestStartAndEndCutAWindowOfTheWholeStream(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "a.wav", plainWAV(44100, 1, tones(44100)))
	for _, rate := range []int{0, 8000} {
		c := defaults(path)
		c.Rate = rate
		s, info := open(t, c)
		whole := play(t, s)
		c.Start, c.End = 100*time.Millisecond, 250*time.Millisecond
		s, _ = open(t, c)
		if !cmp.Equal(whole[info.SampleRate/10:info.SampleRate/4], play(t, s)) {
			t.Errorf("at %d Hz the part differs", info.SampleRate)
		}
	}
}

func TestAResumedFileGoesOnWithTheSameSamples(t *testing.T) {
	path := writeFile(t, "a.wav", plainWAV(44100, 1, tones(44100)))
	for _, rate := range []int{0, 8000} {
		c := defaults(path)
		c.Rate = rate
		s, info := open(t, c)
		whole := play(t, s)
		s, _ = open(t, c)
		if err := s.Resume(context.Background(), 730_000); err != nil {
			t.Fatal(err)
		}
		if !cmp.Equal(whole[(info.SampleRate*73+99)/100:], play(t, s)) {
			t.Errorf("at %d Hz what follows differs", info.SampleRate)
		}
	}
	c := defaults("")
	c.Format = formatRaw
	s, _ := pipeSource(t, c)
	if _, err := s.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.Resume(context.Background(), 1); err == nil {
		t.Error("a pipe went back")
	}
}

// pipeSource plays what is written to a pipe, as from standard input.
func pipeSource(t *testing.T, c Config) (*Source, *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	old := os.Stdin
	os.Stdin = r
	t.Cleanup(func() { os.Stdin = old; r.Close() })
	c.Path = stdin
	s, err := New(c, component.Env{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, w
}

func TestAPipeGivesTheSamplesOfTheFile(t *testing.T) {
	b := plainWAV(16000, 1, tones(30000))
	want, _ := open(t, defaults(writeFile(t, "a.wav", b)))
	s, w := pipeSource(t, defaults(""))
	done := make(chan error, 1)
	go func() { // ends once the pipe has taken all
		for len(b) > 0 {
			n, err := w.Write(b[:min(len(b), 997)])
			if err != nil {
				done <- err
				return
			}
			b = b[n:]
		}
		done <- w.Close()
	}()
	if _, err := s.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := play(t, s); !cmp.Equal(play(t, want), got) {
		t.Errorf("%d samples differ", len(got))
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestAContextEndsAReadThatWaitsForAPipe(t *testing.T) {
	c := defaults("")
	c.Format = formatRaw
	s, w := pipeSource(t, c)
	if _, err := w.Write(make([]byte, 100)); err != nil { // less than a window, which must not be delivered
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if _, err := s.Open(ctx); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { // ends with the context
		var b pipeline.Batch
		done <- s.Read(ctx, &b)
	}()
	for s.Position() < 100 {
		runtime.Gosched()
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestPacedPlayGivesTheSameSamplesInTime(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "a.wav", plainWAV(8000, 1, tones(8000)))
	fast, _ := open(t, defaults(path))
	want := play(t, fast)
	synctest.Test(t, func(t *testing.T) {
		c := defaults(path)
		c.Pace = "2x"
		s, err := New(c, component.Env{Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		begin := time.Now()
		if !cmp.Equal(want, play(t, s)) {
			t.Error("paced samples differ")
		}
		if d := time.Since(begin); d != 495*time.Millisecond { // the first of 100 windows does not wait
			t.Errorf("a second at 2x took %v", d)
		}
	})
}

func TestDatagramsAreSoundInTheirOrder(t *testing.T) {
	t.Parallel()
	c := defaults("udp://127.0.0.1:0")
	c.Format, c.Raw = formatRaw, RawConfig{Rate: 8000, Channels: 2, Encoding: "s16be"}
	c.Channels, c.Window = "all", 250*time.Microsecond // two frames
	s, info := open(t, c)
	if !info.Live || info.Channels != 2 {
		t.Errorf("%+v", info)
	}
	conn, err := net.Dial("udp", s.file.(*datagrams).conn.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, d := range [][]byte{{0x40, 0, 0xc0, 0, 0x11}, {0x20, 0, 0x10, 0}} { // the first ends within a frame
		if _, err := conn.Write(d); err != nil {
			t.Fatal(err)
		}
	}
	var b pipeline.Batch
	if err := s.Read(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]float32{.5, -.5, .25, .125}, b.PCM); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"ragged_datagram"}, kinds(s.Damage())); diff != "" {
		t.Error(diff)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, path := range []string{filepath.Join(t.TempDir(), "none.wav"), t.TempDir(), writeFile(t, "x", []byte("hello, world")),
		writeFile(t, "y", nil)} {
		s, err := New(defaults(path), component.Env{Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(context.Background()); err == nil {
			t.Errorf("%s was opened", path)
		}
		s.Close()
	}
}

func TestTheSteadyStateAllocatesNothing(t *testing.T) {
	path := writeFile(t, "a.wav", plainWAV(44100, 2, tones(2*44100*20)))
	for _, rate := range []int{0, 16000} {
		c := defaults(path)
		c.Rate = rate
		s, _ := open(t, c)
		var b pipeline.Batch
		read := func() {
			b.Reset()
			if err := s.Read(context.Background(), &b); err != nil && !errors.Is(err, io.EOF) {
				t.Error(err)
			}
		}
		for range 500 {
			read()
		}
		if n := testing.AllocsPerRun(1000, read); n != 0 {
			t.Errorf("%v allocations a window at rate %d", n, rate)
		}
	}
}

func BenchmarkSource(b *testing.B) {
	x := tones(2 * 44100 * 5)
	for _, f := range []struct {
		name string
		data []byte
		rate int
	}{
		{"wav", plainWAV(44100, 2, x), 0}, {"wav to 16 kHz", plainWAV(44100, 2, x), 16000}, {"flac", writeFLAC(b, 44100, 2, x), 0},
	} {
		b.Run(f.name, func(b *testing.B) {
			path := writeFile(b, "a", f.data)
			b.SetBytes(int64(len(f.data)))
			for b.Loop() {
				if _, _, _, err := Load(context.Background(), path, f.rate); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(5*float64(b.N)/b.Elapsed().Seconds(), "x_realtime")
		})
	}
}

func TestSoundOfOtherMachinesIsHeardOnlyWhereThatIsAskedFor(t *testing.T) {
	t.Parallel()
	for configured, loopback := range map[string]bool{":0": true, "0.0.0.0:0": false} {
		c := NewDefaultConfig()
		d, err := receiveAt(configured, &c, surroundings{})
		if err != nil {
			t.Fatal(err)
		}
		if address := d.conn.LocalAddr(); address.(*net.UDPAddr).IP.IsLoopback() != loopback {
			t.Errorf("%s listens at %s", configured, address)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

package recording

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// playOn collects batches until the source returns an error.
func playOn(ctx context.Context, s *Source) (events []pipeline.Event, err error) {
	var b pipeline.Batch
	for {
		b.Reset()
		if err := s.Read(ctx, &b); err != nil {
			return events, err
		}
		events = append(events, b.Events...)
	}
}

// followingIsRefused covers the formats that are read at any place.
func followingIsRefused(t *testing.T, f format.Format) {
	path := filepath.Join(t.TempDir(), "grows")
	if err := os.WriteFile(path, sample(t, f, 300), 0o600); err != nil {
		t.Fatal(err)
	}
	c := config(path)
	c.Follow, c.Format, c.Width, c.Height = true, f.Name, 240, 180
	s, err := New(c, component.Env{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Open(t.Context())
	if err == nil || !strings.Contains(err.Error(), "cannot be followed") {
		t.Errorf("got %v", err)
	}
	_ = s.Close()
}

func TestAFollowedFileGivesWhatIsWrittenLaterAndACutRecordIsNoDamage(t *testing.T) {
	t.Parallel()
	eachFormat(t, func(t *testing.T, f format.Format) {
		if f.Open == nil {
			followingIsRefused(t, f)
			return
		}
		data := sample(t, f, 3000)
		want := mustDecode(t, data, hint(f))
		path := filepath.Join(t.TempDir(), "grows")
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		synctest.Test(t, func(t *testing.T) {
			go func() { // ends with the last piece
				for rest := data; len(rest) > 0; {
					n := min(len(rest), 1997) // cuts records of any length
					if _, err := file.Write(rest[:n]); err != nil {
						t.Error(err)
					}
					rest = rest[n:]
					<-time.After(time.Second) // in the bubble's time
				}
			}()
			c := config(path)
			c.Follow, c.Window, c.Format = true, time.Microsecond, f.Name
			c.Width, c.Height = want.Info.Width, want.Info.Height
			if c.Width == 0 {
				c.Width, c.Height = 240, 180
			}
			c.Width, c.Height = min(c.Width, 1<<16-1), min(c.Height, 1<<16-1)
			s := open(t, c)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			got, err := playOn(ctx, s)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("ended with %v", err)
			}
			// What came last may continue, so it is not out yet.
			last := 0
			for last < len(want.Events) && want.Events[last].T < want.Events[len(want.Events)-1].T {
				last++
			}
			if len(got) < last-1 || formattest.DiffEvents(want.Events[:min(len(got), len(want.Events))], got) != "" {
				t.Errorf("%d of %d events: %s", len(got), len(want.Events), formattest.DiffEvents(want.Events[:last], got))
			}
			for _, d := range s.Damage() {
				if d.Kind == format.Truncated {
					t.Errorf("damage %v", d)
				}
			}
		})
	})
}

func TestAFollowedFileThatIsCutEndsWithAnError(t *testing.T) {
	t.Parallel()
	path := write(t, "a.raw", formattest.Info, formattest.Events(3000))
	synctest.Test(t, func(t *testing.T) {
		c := config(path)
		c.Follow = true
		s := open(t, c)
		if err := os.Truncate(path, 10); err != nil {
			t.Fatal(err)
		}
		if _, err := playOn(t.Context(), s); err == nil || !strings.Contains(err.Error(), "cut to 10 bytes") {
			t.Errorf("error %v", err)
		}
	})
}

// openPipe returns a source that reads a pipe as its standard input.
func openPipe(t *testing.T, c Config) (*Source, *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	c.Path = "-"
	s, err := New(c, component.Env{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	s.stdin = r
	t.Cleanup(func() { s.Close() })
	return s, w
}

func TestAPipeGivesTheSameAsAFile(t *testing.T) {
	t.Parallel()
	events := formattest.Events(200_000)
	data := encode(t, "evt3", formattest.Info, &format.Block{Events: events})
	s, w := openPipe(t, config(""))
	go func() { // ends when the source has read it all
		defer w.Close()
		if _, err := w.Write(data); err != nil {
			t.Error(err)
		}
	}()
	if _, err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := playOn(t.Context(), s)
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if diff := formattest.DiffEvents(events, got); diff != "" {
		t.Errorf("-written +read:\n%s", diff)
	}
}

func TestAReadOfASilentPipeReturnsWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	t.Run("in Open", func(t *testing.T) {
		s, _ := openPipe(t, config(""))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Open(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("in Read", func(t *testing.T) {
		s, w := openPipe(t, config(""))
		data := encode(t, "evt3", formattest.Info, &format.Block{Events: formattest.Events(20_000)})
		if len(data) < format.ProbeLength || len(data) > 1<<16 {
			t.Fatalf("%d bytes do not decide about the format or do not fit a pipe", len(data))
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { // ends with the context
			_, err := playOn(ctx, s)
			done <- err
		}()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}

func TestReadingAPipeAllocatesNothing(t *testing.T) {
	s, w := openPipe(t, config(""))
	data := encode(t, "evt3", formattest.Info, &format.Block{Events: formattest.Events(400_000)})
	go func() { // ends when the source is closed
		w.Write(data)
		w.Close()
	}()
	if _, err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	var b pipeline.Batch
	read := func() {
		b.Reset()
		if err := s.Read(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		read()
	}
	if n := testing.AllocsPerRun(20, read); n != 0 {
		t.Errorf("%v allocations per batch", n)
	}
}

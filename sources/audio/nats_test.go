package audio

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/pipelinetest"
	"ganglion/sinks/nats/embedded"
)

// natsServer runs a server in this process and connects to it.
func natsServer(t *testing.T) *nats.Conn {
	t.Helper()
	s, err := embedded.Acquire(embedded.Options{Listen: "127.0.0.1:0", JetStream: true, StoreDir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Release(context.Background()); err != nil {
			t.Error(err)
		}
	})
	nc, err := nats.Connect(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

func natsConfig(nc *nats.Conn, rest string) Config {
	c := defaults(nc.ConnectedUrl() + rest)
	c.Format, c.Raw = formatRaw, RawConfig{Rate: 16000, Channels: 1, Encoding: "s16le"}
	return c
}

// publish sends a sound in messages of odd sizes and an empty one behind.
func publish(t *testing.T, nc *nats.Conn, subject string, sound []byte) {
	t.Helper()
	for i := 0; i < len(sound); i += 1234 {
		if err := nc.Publish(subject, sound[i:min(i+1234, len(sound))]); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(nc.Publish(subject, nil), nc.Flush()); err != nil {
		t.Fatal(err)
	}
}

func TestMessagesOfASubjectAreSound(t *testing.T) {
	nc := natsServer(t)
	b := plainWAV(16000, 1, tones(30000))
	file, _ := open(t, defaults(writeFile(t, "a.wav", b)))
	want := play(t, file)

	s, info := open(t, natsConfig(nc, "/mic.left"))
	if !info.Live || info.Format != "raw s16le" {
		t.Errorf("%+v", info)
	}
	publish(t, nc, "mic.left", b[44:])
	if got := play(t, s); !cmp.Equal(want, got) {
		t.Errorf("%d samples differ from the file's %d", len(got), len(want))
	}
	if d := s.Damage(); len(d) > 0 {
		t.Error(d)
	}
}

func TestAKeptStreamIsSoundFromItsBeginning(t *testing.T) {
	nc := natsServer(t)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "MIC", Subjects: []string{"mic.>"}}); err != nil {
		t.Fatal(err)
	}
	b := plainWAV(16000, 1, tones(400_000)) // more messages than a feed holds
	publish(t, nc, "mic.left", b[44:])
	file, _ := open(t, defaults(writeFile(t, "a.wav", b)))
	want := play(t, file)
	for range 2 {
		s, info := open(t, natsConfig(nc, "/mic.left?stream=MIC"))
		if info.Live {
			t.Error("a kept stream can wait, so it is not live")
		}
		if got := play(t, s); !cmp.Equal(want, got) {
			t.Errorf("%d samples differ from the file's %d", len(got), len(want))
		}
	}
}

func TestASubjectKeepsTheContractOfSources(t *testing.T) {
	nc := natsServer(t)
	pipelinetest.Source(t, pipelinetest.SourceCase{Endless: true, New: func() (pipeline.Source, error) {
		return New(natsConfig(nc, "/silent"), component.Env{Now: time.Now})
	}})
}

func TestWhatIsWrongWithANATSAddressIsSaid(t *testing.T) {
	for want, path := range map[string]string{
		"path: want nats://HOST:PORT/SUBJECT, not nats://localhost:4222":           "nats://localhost:4222",
		"path: want nats://HOST:PORT/SUBJECT, not nats://u:xxxxx@localhost:4222/":  "nats://u:secret@localhost:4222/",
		"path: want nats://HOST:PORT/SUBJECT, not nats://localhost:4222/two/parts": "nats://localhost:4222/two/parts",
	} {
		c := defaults(path)
		c.Format = formatRaw
		if err := c.Validate(); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	c := defaults("nats://localhost:4222/x")
	if err := c.Validate(); err == nil || err.Error() != "format: messages carry raw sound, not auto" {
		t.Error(err)
	}
	nc := natsServer(t)
	for _, path := range []string{nc.ConnectedUrl() + "/x?stream=NONE", "nats://127.0.0.1:1/x"} {
		c.Path, c.Format = path, formatRaw
		s, err := New(c, component.Env{Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(context.Background()); err == nil {
			t.Errorf("%s was opened", path)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

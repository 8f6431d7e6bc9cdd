package deadletter

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"ganglion/pipeline"
	"ganglion/sinks/nats/natstest"
)

func TestLettersAreLinesAndMessages(t *testing.T) {
	t.Parallel()
	url := natstest.RunServer(t, &server.Options{})
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	sub, err := nc.SubscribeSync("ganglion.door.errors")
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	c := NewDefaultConfig()
	c.Path, c.URL = filepath.Join(t.TempDir(), "new", "{name}.jsonl"), url
	path := strings.Replace(c.Path, "{name}", "door", 1)
	for range 2 { // a second run keeps what the first wrote
		r := New(c, "door", slog.New(slog.DiscardHandler))
		if err := r.Open(t.Context(), pipeline.StreamMeta{}); err != nil {
			t.Fatal(err)
		}
		if err := r.Put(t.Context(), &pipeline.DeadLetter{Pipeline: "door", Stage: "source", Cause: "torn", Count: 3}); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "\n"); n != 2 {
		t.Errorf("%d lines, want 2", n)
	}
	msg, err := sub.NextMsg(5 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"pipeline":"door","run":"","stage":"source","cause":"torn","error":"","count":3,"position":null,"t_us":0,` +
		`"time_unix_us":0,"reference":"","payload":null}`
	if string(msg.Data) != want || !strings.HasPrefix(string(text), want+"\n") {
		t.Errorf("got\n%s and\n%swant\n%s", msg.Data, text, want)
	}
	var back pipeline.DeadLetter
	if err := json.Unmarshal(msg.Data, &back); err != nil || back.Count != 3 {
		t.Errorf("%+v: %v", back, err)
	}
}

// TestAFullDiskIsAnError writes to a device that is always full.
func TestAFullDiskIsAnError(t *testing.T) {
	t.Parallel()
	c := NewDefaultConfig()
	c.Path = "/dev/full"
	r := New(c, "door", slog.New(slog.DiscardHandler))
	if err := r.Open(t.Context(), pipeline.StreamMeta{}); err != nil {
		t.Skip(err)
	}
	if err := r.Put(t.Context(), new(pipeline.DeadLetter)); err == nil {
		t.Error("no error")
	}
	if err := r.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestFaultyRoutesAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []Config{{URL: "://", Subject: "a", Most: 1}, {URL: "nats://127.0.0.1:4222", Subject: "a.>", Most: 1}} {
		if c.Validate() == nil {
			t.Errorf("%+v is valid", c)
		}
	}
	if c := NewDefaultConfig(); c.On() || c.Validate() != nil {
		t.Error("the default writes something, or is not valid")
	}
}

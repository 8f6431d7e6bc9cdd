package cmd

import (
	"os"
	"testing"
	"time"

	"ganglion/pipeline/runner"
)

func TestProgressAddsUpPipelines(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	p := &progress{out: null, from: time.Now()}
	left, right := p.of(0), p.of(1)
	check := func(when string, done, total int64) {
		t.Helper()
		if s := p.bar.State(); s.CurrentNum != done || s.Max != total {
			t.Errorf("%s: %d of %d, want %d of %d", when, s.CurrentNum, s.Max, done, total)
		}
	}
	left(runner.Progress{Bytes: 10, SizeBytes: 100, Events: 5})
	check("one pipeline has begun", 10, 100)
	right(runner.Progress{Bytes: 20, SizeBytes: 200, Events: 5})
	check("both have", 30, 300)
	right(runner.Progress{Bytes: 30, SizeBytes: 200, Events: 7})
	check("one continues", 40, 300)
	p.finish()
}

func TestProgressCountsEventsWhereASizeIsUnknown(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	p := &progress{out: null, from: time.Now()}
	defer p.finish()
	p.of(0)(runner.Progress{Bytes: 10, SizeBytes: 100, Events: 5})
	p.of(1)(runner.Progress{Events: 7})
	if s := p.bar.State(); s.CurrentNum != 12 || s.Max != -1 {
		t.Errorf("%d of %d, want 12 events of an unknown number", s.CurrentNum, s.Max)
	}
}

func TestProgressIsSilentWithoutATerminal(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if p := newProgress(null); p.of(0) != nil {
		t.Error("a callback for nobody")
	}
}

func TestABarStaysHiddenAtFirst(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	late{write, time.Now().Add(time.Hour)}.Write([]byte("early"))
	late{write, time.Now().Add(-time.Hour)}.Write([]byte("late"))
	write.Close()
	b := make([]byte, 10)
	if n, _ := read.Read(b); string(b[:n]) != "late" {
		t.Errorf("the terminal got %q", b[:n])
	}
}

package cmd

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// longBlock is enough of events for an index with several points, and triggers
// between them.
func longBlock() *format.Block {
	b := &format.Block{Events: make([]pipeline.Event, 1_200_000)}
	for i := range b.Events {
		b.Events[i] = pipeline.Event{T: int64(i), X: uint16(i * 7 % 128), Y: uint16(i / 3 % 100), P: uint8(i & 1)}
	}
	for i := 0; i < len(b.Events); i += 500 {
		s := format.Side{Kind: format.Trigger, T: int64(i), Before: i, Value: uint64(i / 500 & 1)}
		b.Side = append(b.Side, s)
	}
	return b
}

var unread = regexp.MustCompile(`(?m)^  not read, before --start   \d{6,} bytes$`)

func TestWhatAStartLeavesUnreadChangesNothing(t *testing.T) {
	info := format.Info{Width: 128, Height: 100}
	for _, format := range []string{"evt2", "evt21", "evt3", "aedat4"} {
		t.Run(format, func(t *testing.T) {
			t.Chdir(t.TempDir())
			record(t, "in.x", format, info, longBlock())
			for _, span := range [][]string{
				{"--start", "900ms", "--end", "950ms"}, {"--start", "1000250"}, {"--start", "1199ms"}, {"--start", "1ms"},
			} {
				convert := func(out string, more ...string) ran {
					return mustRun(t, 0, append(append([]string{"convert", "in.x", out, "--to", format}, span...), more...)...)
				}
				// A strict reading meets all damage, so it reads everything.
				if full := convert("full.x", "--strict"); unread.MatchString(full.out) {
					t.Fatalf("a strict reading left something out:\n%s", full.out)
				}
				convert("first.x") // makes the index
				second := convert("second.x")
				if leaps := span[1] != "1ms"; leaps != unread.MatchString(second.out) {
					t.Errorf("%v:\n%s", span, second.out)
				}
				want := mustRead(t, "full.x")
				for _, out := range []string{"first.x", "second.x"} {
					if !bytes.Equal(mustRead(t, out), want) {
						t.Errorf("%v: %s is not what a full reading gives", span, out)
					}
				}
			}
		})
	}
}

func TestAPictureThatSeeksShowsWhatAFullReadingShows(t *testing.T) {
	t.Chdir(t.TempDir())
	record(t, "in.raw", "evt2", format.Info{Width: 128, Height: 100}, longBlock())
	view := func(out string, more ...string) string {
		return mustRun(t, 0, append([]string{"view", "in.raw", "-o", out, "--start", "1s", "--scale", "1"}, more...)...).out
	}
	// A stateful filter needs the whole recording.
	full := view("full.png", "--filter", "rate_limit: {events: 1000000, window: 1ms}")
	if strings.Contains(full, "removed") {
		t.Fatal(full)
	}
	for _, out := range []string{"first.png", "second.png"} {
		view(out)
		if !bytes.Equal(mustRead(t, out), mustRead(t, "full.png")) {
			t.Errorf("%s is another picture", out)
		}
	}
}

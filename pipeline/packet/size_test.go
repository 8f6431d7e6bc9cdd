package packet_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ganglion/internal/shareddata"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/packet"
	"ganglion/sources/audio"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

// seal puts the checksum behind a packet.
func seal(body []byte) []byte {
	return binary.LittleEndian.AppendUint32(bytes.Clone(body), crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)))
}

// packed reads a source in its own windows, joined to packets of 20 ms, and
// returns the bytes of all packets and how many events or samples they hold.
func packed(t *testing.T, s pipeline.Source) (size, count int, all []pipeline.Event, info pipeline.StreamInfo) {
	t.Helper()
	ctx := t.Context()
	info, err := s.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var e packet.Encoder
	p := packet.Packet{Run: "0123456789abcdef", Info: info}
	var out []byte
	flush := func() {
		if len(p.Batch.Events)+len(p.Batch.PCM) == 0 {
			return
		}
		if out, err = e.Append(out[:0], &p); err != nil {
			t.Fatal(err)
		}
		size, count = size+len(out), count+len(p.Batch.Events)+len(p.Batch.PCM)
		all = append(all, p.Batch.Events...)
		p.Number++
		p.Batch.Reset()
	}
	for {
		var b pipeline.Batch
		if err := s.Read(ctx, &b); errors.Is(err, io.EOF) {
			flush()
			return size, count, all, info
		} else if err != nil {
			t.Fatal(err)
		}
		if len(p.Batch.Events)+len(p.Batch.PCM) == 0 {
			p.Batch.Window, p.Batch.FrameIndex = b.Window, b.FrameIndex
		}
		p.Batch.End = b.End
		p.Batch.Events, p.Batch.PCM = append(p.Batch.Events, b.Events...), append(p.Batch.PCM, b.PCM...)
		if p.Batch.End-p.Batch.Start >= 20_000 {
			flush()
		}
	}
}

// TestPacketsAreNotMuchLargerThanEVT3 holds the size of packets of 20 ms, all
// they carry included, against the same events as EVT3, and the table of
// docs/scale-out.md to what is measured.
func TestPacketsAreNotMuchLargerThanEVT3(t *testing.T) {
	t.Parallel()
	page := pageOnClusters(t)
	for _, r := range []struct{ name, path string }{
		{"Gen4.1, 1280x720, dense, 8.8 ms", "evt3/dense.raw"},
		{"1280x720, 1.25 s, sparse", "evt3/triggers.raw"},
		{"Gen3, 640x480, spinning disk", "evt2/spinner.raw"},
		{"DAVIS346", "aedat4/davis346.aedat4"},
		{"DVS128, 39.8 s", "aedat2/dvs128-moving-dark-box.aedat"},
	} {
		t.Run(r.name, func(t *testing.T) {
			holds(t, page, "| "+r.name+compare(t, shareddata.Path(t, "events", filepath.FromSlash(r.path))))
		})
	}
	holds(t, page, "| `testdata/crossing.raw`"+compare(t, shareddata.Project(t, "testdata", "crossing.raw")))
	compare(t, shareddata.Project(t, "testdata", "shapes.h5"))
}

func pageOnClusters(t *testing.T) string {
	text, err := os.ReadFile(shareddata.Project(t, "docs", "scale-out.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func holds(t *testing.T, page, figure string) {
	if !strings.Contains(page, figure) {
		t.Errorf("docs/scale-out.md does not say %q", figure)
	}
}

// compare returns the row of a recording, but for its name: bytes an event of
// packets and of EVT3, and their ratio.
func compare(t *testing.T, path string) string {
	c := recording.Component().Defaults().(*recording.Config)
	c.Path, c.Pace = path, "max"
	s, err := recording.New(*c, component.Env{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	size, n, all, info := packed(t, s)
	var raw bytes.Buffer
	w, err := recording.NewWriter(&raw, "x.raw", "evt3", format.Info{Width: info.Width, Height: info.Height})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(all), w.Close()); err != nil {
		t.Fatal(err)
	}
	ours, evt3 := float64(size)/float64(n), float64(raw.Len())/float64(n)
	t.Logf("%s: %d events, %.2f bytes each, EVT3 %.2f: %.2f times", path, n, ours, evt3, ours/evt3)
	if ours > 1.2*evt3 {
		t.Errorf("%.2f times EVT3, want at most 1.2", ours/evt3)
	}
	return fmt.Sprintf(" | %.2f | %.2f | %.2f |", ours, evt3, ours/evt3)
}

func TestPacketsOfSoundAreSmallerThanItsSamples(t *testing.T) {
	t.Parallel()
	c := audio.Component().Defaults().(*audio.Config)
	c.Path, c.Pace = shareddata.Project(t, "testdata", "speech.wav"), "max"
	s, err := audio.New(*c, component.Env{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	size, n, _, _ := packed(t, s)
	t.Logf("%d samples, %.2f bytes each", n, float64(size)/float64(n))
	if float64(size) > 2*float64(n) {
		t.Errorf("%d bytes for %d samples of 16 bits", size, n)
	}
	holds(t, pageOnClusters(t), fmt.Sprintf("%.2f bytes a sample in `testdata/speech.wav`", float64(size)/float64(n)))
}

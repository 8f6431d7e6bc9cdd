package cluster

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/outfile"
	"ganglion/internal/sleep"
	"ganglion/pipeline"
	"ganglion/pipeline/packet"
)

// links are the hashes of a stream's detections.
func links(t *testing.T, lines []string) (list []string) {
	t.Helper()
	for _, line := range lines {
		var d pipeline.Detection
		if err := d.UnmarshalJSON([]byte(line)); err != nil {
			t.Fatal(err)
		}
		list = append(list, d.Label)
	}
	return list
}

func TestALiveStreamWaitsOnDiskForAServerThatIsAway(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := newHall(t, 1, func(c *Config) { c.Spool.Dir = dir })
	const windows = 600
	slow := func(ctx context.Context) error { return sleep.For(ctx, 3*time.Millisecond) }
	fed := make(chan FeedSummary, 1)
	go func() {
		s, err := h.feed(t.Context(), "s1", &chainSource{seed: 1, windows: windows, live: true, pause: slow})
		if err != nil {
			t.Error(err)
		}
		fed <- s
	}()
	time.Sleep(300 * time.Millisecond)
	h.servers[0].Shutdown()
	h.servers[0].WaitForShutdown()
	time.Sleep(800 * time.Millisecond)
	h.start(0)
	s := <-fed
	if s.Dropped > 0 || !s.Ended {
		t.Fatalf("%+v", s)
	}
	h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
	h.ended(20*time.Second, "chain", "s1")
	want := links(t, alone(t, chain("s1", nil), &chainSource{seed: 1, windows: windows}))
	if d := cmp.Diff(want, links(t, h.detections("s1"))); d != "" {
		t.Error(d)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("the disk is not empty afterwards: %v, %v", files, err)
	}
}

func TestASpoolIsBoundedAndOutlivesItsWriter(t *testing.T) {
	dir := t.TempDir()
	s, err := openSpool(dir, "s1", 100_000)
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for i := range 100 {
		ok, err := s.put("r1", &parcel{number: uint64(kept), end: int64(i), items: 3, data: make([]byte, 2000)})
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			kept++
		}
	}
	if kept < 40 || kept > 50 {
		t.Errorf("%d packets of 2 kB fit 100 kB", kept)
	}
	path := s.files[0].path
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	// The writer was killed in the middle of its last packet.
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()-100)
	}
	if err != nil {
		t.Fatal(err)
	}
	again, err := openSpool(dir, "s1", 100_000)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := again.put("r2", &parcel{number: 0, last: true, data: []byte("x")}); !ok || err != nil {
		t.Fatal(ok, err)
	}
	again.end()
	var p parcel
	for i := range kept - 1 {
		run, err := again.take(t.Context(), &p)
		if err != nil || run != "r1" || p.number != uint64(i) || len(p.data) != 2000 || p.items != 3 {
			t.Fatalf("%d: %s %+v %v", i, run, p.number, err)
		}
	}
	if run, err := again.take(t.Context(), &p); err != nil || run != "r2" || !p.last || string(p.data) != "x" {
		t.Fatalf("%s %+v %v", run, p, err)
	}
	if _, err := again.take(t.Context(), &p); err == nil {
		t.Error("it never ends")
	}
	if err := again.close(); err != nil {
		t.Error(err)
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("left: %v", files)
	}
}

// fullDisk takes so many bytes of the next write and no more.
type fullDisk struct {
	outfile.File
	room int
}

func (d *fullDisk) Write(b []byte) (int, error) {
	n, err := d.File.Write(b[:min(d.room, len(b))])
	if err == nil && n < len(b) {
		err = syscall.ENOSPC
	}
	return n, err
}

// What finds no place on a full disk is dropped, counted and told; the stream continues,
// and what was begun of it harms nothing that comes later.
func TestAFullDiskCostsPacketsAndDoesNotEndTheStream(t *testing.T) {
	s, err := openSpool(t.TempDir(), "s1", 100_000)
	if err != nil {
		t.Fatal(err)
	}
	log := new(strings.Builder)
	f := &feeder{Feed: Feed{Key: "s1", Log: slog.New(slog.NewTextHandler(log, nil)), Now: time.Now}, spool: s}
	f.Account = NewAccount("s1", nil, time.Now, nil)
	f.Account.wrong.note("pipeline", nil)
	c := &cutter{f: f, run: "r1", out: packet.Packet{Run: "r1", Info: (&chainSource{}).info()}}
	keep := f.keep(c)
	put := func(problems int) {
		t.Helper()
		if err := keep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if list := f.Account.wrong.list(); len(list) != problems {
			t.Errorf("what is wrong: %v", list)
		}
	}
	put(0)
	disk := s.write
	s.write = &fullDisk{disk, 20}
	put(1)
	put(1)
	s.write = disk
	put(0)
	if c.dropped != 2 || c.out.Number != 2 || strings.Count(log.String(), "packets are dropped") != 1 ||
		!strings.Contains(log.String(), "no space left") {
		t.Errorf("%d dropped, next %d, log %s", c.dropped, c.out.Number, log)
	}
	s.end()
	var p parcel
	for i := range uint64(2) {
		if run, err := s.take(t.Context(), &p); err != nil || run != "r1" || p.number != i {
			t.Fatalf("%d: %s %+v %v", i, run, p, err)
		}
		var got packet.Packet
		if err := new(packet.Decoder).Decode(p.data, &got); err != nil || got.Number != i {
			t.Errorf("%d: it holds packet %d, %v", i, got.Number, err)
		}
	}
	if _, err := s.take(t.Context(), &p); !errors.Is(err, io.EOF) {
		t.Errorf("behind the last: %v", err)
	}
}

// Runs are sent in the order in which they were written, whatever the clock did.
func TestAClockThatIsSetBackChangesNoOrder(t *testing.T) {
	dir := t.TempDir()
	for i, run := range []string{"third", "second", "first"} {
		s, err := openSpool(dir, "s1", 100_000)
		if err == nil {
			_, err = s.put(run, &parcel{last: true, data: []byte("x")})
		}
		var path string
		if err == nil {
			path = s.files[len(s.files)-1].path
			err = s.close()
		}
		if err == nil {
			back := time.Now().Add(-time.Duration(i) * time.Hour)
			err = os.Chtimes(path, back, back)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := openSpool(dir, "s1", 100_000)
	if err != nil {
		t.Fatal(err)
	}
	s.end()
	var p parcel
	for _, want := range []string{"third", "second", "first"} {
		if run, err := s.take(t.Context(), &p); err != nil || run != want {
			t.Errorf("%s, %v where %s was next", run, err, want)
		}
	}
}

// A second feeder of a stream does not send, and remove, the packets that the first one
// keeps in the folder; that of another stream shares it.
func TestASpoolBelongsToOneFeederOfAStream(t *testing.T) {
	dir := t.TempDir()
	first, err := openSpool(dir, "s1", 100_000)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openSpool(dir, "s1", 100_000); err == nil || !strings.Contains(err.Error(), "is held by this process") {
		t.Errorf("a second one: %v", err)
	}
	other, err := openSpool(dir, "s2", 100_000)
	if err != nil {
		t.Fatal(err)
	}
	again, err := (*spool)(nil), errors.Join(first.close(), other.close())
	if err == nil {
		again, err = openSpool(dir, "s1", 100_000)
	}
	if err == nil {
		err = again.close()
	}
	if err != nil {
		t.Error(err)
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("left: %v", files)
	}
}

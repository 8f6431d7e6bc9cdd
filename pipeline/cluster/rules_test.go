package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/packet"
)

func TestAConfigurationOfAClusterIsChecked(t *testing.T) {
	for _, c := range []struct {
		edit func(c *Config)
		want string
	}{
		{func(*Config) {}, ""},
		{func(c *Config) { c.Streams = []string{"cam-*", "*"} }, ""},
		{func(c *Config) { c.URL = "nats://a:1,http://b" }, "url: "},
		{func(c *Config) { c.Name = "two words" }, `name "two words": want letters`},
		{func(c *Config) { c.Streams = []string{"cam.*"} }, `streams: "cam.*": want letters`},
		{func(c *Config) { c.Lease = 1500 * time.Millisecond }, "lease: 1.5s is not a number of whole seconds"},
	} {
		cfg := NewDefaultConfig()
		c.edit(&cfg)
		if err := cfg.Validate(); (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	cfg := NewDefaultConfig()
	cfg.Name, cfg.Lease = "", 1
	cfg.Parts, cfg.Spool.Dir = "rules_test.go", filepath.Join("rules_test.go", "deeper")
	if err := cfg.Precheck(); err == nil || !strings.Contains(err.Error(), "parts: ") || !strings.Contains(err.Error(), "spool.dir: ") {
		t.Errorf("%v", err)
	}
	cfg.Parts, cfg.Spool.Dir = "new", ""
	if err := cfg.Precheck(); err != nil {
		t.Error(err)
	}
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "name") || !strings.Contains(err.Error(), "lease") {
		t.Errorf("of two faults one is told: %v", err)
	}
}

func TestAPipelineTakesTheStreamsThatItNames(t *testing.T) {
	for _, c := range []struct {
		streams []string
		takes   []string
	}{
		{nil, []string{"cam"}},
		{[]string{"cam-*"}, []string{"cam-1", "cam-"}},
		{[]string{"mic", "*-1"}, []string{"mic", "cam-1"}},
		{[]string{"*"}, []string{"cam", "cam-1", "cam-", "mic"}},
	} {
		cfg := Config{Streams: c.streams}
		var got []string
		for _, key := range []string{"cam", "cam-1", "cam-", "mic"} {
			if cfg.Takes("cam", key) {
				got = append(got, key)
			}
		}
		slices.Sort(got)
		slices.Sort(c.takes)
		if diff := cmp.Diff(c.takes, got); diff != "" {
			t.Errorf("%v: %s", c.streams, diff)
		}
	}
	if got := (Config{Name: "a", Streams: []string{"b"}}).Shared(); got.Name != "a" || got.Streams != nil {
		t.Errorf("shared %+v", got)
	}
}

func TestNamesFitForKeys(t *testing.T) {
	for host, want := range map[string]string{
		"": "worker", "cam-7_A": "cam-7_A", "röom.local:1": "r--om-local-1", strings.Repeat("a", 99): strings.Repeat("a", 40),
	} {
		if got := token(host); got != want {
			t.Errorf("%q: %q, want %q", host, got, want)
		}
	}
	if err := (&refused{"10071", "wrong last sequence"}).Error(); err != "the commit was refused: wrong last sequence (10071)" {
		t.Error(err)
	}
	for text, want := range map[string]string{"{": "checkpoint: ", `{"version":9999}`: "checkpoint of version 9999, this program reads version"} {
		if _, err := decodeRecord([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
	if !errors.Is(&streamError{io.ErrUnexpectedEOF}, io.ErrUnexpectedEOF) {
		t.Error("a stream's error hides its cause")
	}
}

// cut is a cutter of a stream, and the packets that it has put.
func cut(info pipeline.StreamInfo, window time.Duration) (*cutter, *[]pipeline.Batch) {
	f := Feed{Config: Config{Packet: window}, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Account: NewAccount("cut", nil, time.Now, nil)}
	c := &cutter{f: &feeder{Feed: f}, info: info}
	c.out = packet.Packet{Info: info}
	var put []pipeline.Batch
	c.put = func(context.Context) error {
		b := c.out.Batch
		b.Events, b.Gyro, b.PCM = slices.Clone(b.Events), slices.Clone(b.Gyro), slices.Clone(b.PCM)
		put = append(put, b)
		c.taken(true, nil)
		return nil
	}
	return c, &put
}

// A large batch of events is cut between two times: no time lies in two packets.
func TestALargeBatchIsCutAtATime(t *testing.T) {
	const half = packetEvents / 2
	info := pipeline.StreamInfo{Modality: pipeline.EventStream, Width: 64, Height: 1}
	for _, c := range []struct {
		name string
		time func(i int) int64 // of event i of 3*half
		want []int
	}{
		{"each event at a time of its own", func(i int) int64 { return int64(i) }, []int{half, half, half}},
		{"ten at a time", func(i int) int64 { return int64(i / 10) }, []int{half + 2, half + 2, half - 4}},
		{"all at one time", func(int) int64 { return 5 }, []int{3 * half}},
	} {
		k, put := cut(info, time.Hour)
		b := pipeline.Batch{Window: pipeline.Window{Start: 0, End: 1 << 20}}
		for i := range 3 * half {
			b.Events = append(b.Events, pipeline.Event{T: c.time(i)})
		}
		if err := k.add(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if len(k.out.Batch.Events) > 0 { // the rest waits for more
			if err := k.put(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var sizes []int
		var all []pipeline.Event
		at := int64(0)
		for _, p := range *put {
			if p.Start != at || p.Events[0].T < p.Start || p.Events[len(p.Events)-1].T >= p.End {
				t.Errorf("%s: events from %d to %d in the window %v", c.name, p.Events[0].T, p.Events[len(p.Events)-1].T, p.Window)
			}
			at = p.End
			sizes, all = append(sizes, len(p.Events)), append(all, p.Events...)
		}
		if !slices.Equal(sizes, c.want) || at != 1<<20 || !slices.Equal(all, b.Events) {
			t.Errorf("%s: packets of %v up to %d, want %v", c.name, sizes, at, c.want)
		}
	}
}

// What a gyroscope told in a long time without an event is cut into packets that a
// message holds, each with the time that it is of.
func TestALongSilenceOfTheEventsIsCutWithItsGyroscope(t *testing.T) {
	k, put := cut(pipeline.StreamInfo{Modality: pipeline.EventStream, Width: 64, Height: 1}, time.Hour)
	first := pipeline.Batch{Window: pipeline.Window{Start: 0, End: 10}, Events: []pipeline.Event{{T: 5}}}
	b := pipeline.Batch{Window: pipeline.Window{Start: 80_000_000, End: 80_010_000}, Events: []pipeline.Event{{T: 80_000_007}}}
	for i := range int64(70_000) { // more than a packet may hold
		b.Gyro = append(b.Gyro, pipeline.AngularRate{T: 1000 + i*1000, At: 1000 + i*1000})
	}
	want := slices.Clone(b.Gyro)
	for _, b := range []*pipeline.Batch{&first, &b} {
		if err := k.add(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.put(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []pipeline.AngularRate
	events, at := 0, int64(0)
	for _, p := range *put {
		if p.Start < at || p.End <= p.Start || len(p.Gyro) > 2*packetGyro {
			t.Errorf("%d samples in the window %v behind %d", len(p.Gyro), p.Window, at)
		}
		for _, g := range p.Gyro {
			if g.At >= p.End || g.At < at { // the rest of them comes with the window of the next event
				t.Errorf("a sample of %d in the window %v behind %d", g.At, p.Window, at)
			}
		}
		at, events, got = p.End, events+len(p.Events), append(got, p.Gyro...)
	}
	if !slices.Equal(got, want) || events != 2 || at != b.End {
		t.Errorf("%d samples and %d events up to %d", len(got), events, at)
	}
}

// Sound is cut between two frames, whatever the number of channels.
func TestALongSoundIsCutAtAFrame(t *testing.T) {
	info := pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: 48000, Channels: 5}
	k, put := cut(info, time.Hour)
	const frames = 25_000
	b := pipeline.Batch{Window: pipeline.Window{Start: info.FrameTime(100), End: info.FrameTime(100 + frames)}, FrameIndex: 100,
		PCM: make([]float32, 5*frames)}
	for i := range b.PCM {
		b.PCM[i] = float32(i)
	}
	if err := k.add(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if len(k.out.Batch.PCM) > 0 {
		if err := k.put(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	next, at := int64(100), b.Start
	var all []float32
	for _, p := range *put {
		n := len(p.PCM) / 5
		if len(p.PCM)%5 != 0 || p.FrameIndex != next || p.Start != at || len(p.PCM) > packetSamples {
			t.Errorf("%d samples from frame %d, %d µs; want frame %d, %d µs", len(p.PCM), p.FrameIndex, p.Start, next, at)
		}
		if first, last := info.FrameTime(p.FrameIndex), info.FrameTime(p.FrameIndex+int64(n)-1); first < p.Start || last >= p.End {
			t.Errorf("frames at %d to %d µs in the window %v", first, last, p.Window)
		}
		next, at, all = next+int64(n), p.End, append(all, p.PCM...)
	}
	if len(*put) < 2 || !slices.Equal(all, b.PCM) || at != b.End {
		t.Errorf("%d packets of %d samples", len(*put), len(all))
	}
}

// A packet ends where the next batch would make it longer than it may be.
func TestAPacketIsNoLongerThanItMayBe(t *testing.T) {
	k, put := cut(pipeline.StreamInfo{Modality: pipeline.EventStream, Width: 64, Height: 1}, 10*time.Millisecond)
	for _, w := range []pipeline.Window{{Start: 0, End: 6000}, {Start: 6000, End: 12_000}, {Start: 12_000, End: 16_000}} {
		b := pipeline.Batch{Window: w, Events: []pipeline.Event{{T: w.Start}}}
		if err := k.add(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	var got []pipeline.Window
	for _, p := range *put {
		got = append(got, p.Window)
	}
	if diff := cmp.Diff([]pipeline.Window{{Start: 0, End: 6000}, {Start: 6000, End: 16_000}}, got); diff != "" {
		t.Error(diff)
	}
	stop := errors.New("stopped")
	k.put = func(context.Context) error { return stop }
	if err := k.add(t.Context(), &pipeline.Batch{Window: pipeline.Window{Start: 16_000, End: 90_000}}); !errors.Is(err, stop) {
		t.Errorf("error %v", err)
	}
}

// readings is a source of the given answers, one a read.
type readings struct {
	chainSource
	ends []error
}

func (r *readings) Read(ctx context.Context, b *pipeline.Batch) error {
	if len(r.ends) > 0 {
		err := r.ends[0]
		r.ends = r.ends[1:]
		if err != nil {
			return err
		}
	}
	return r.chainSource.Read(ctx, b)
}

func TestARunIsClosedBehindItsLastBatch(t *testing.T) {
	broken := errors.New("the cable is out")
	for name, c := range map[string]struct {
		source *readings
		from   int64
		live   bool
		over   bool // the context has ended
		want   []pipeline.Window
		err    error
	}{
		"all of it": {source: &readings{chainSource: chainSource{windows: 2}}, want: []pipeline.Window{{Start: 0, End: 2000}}},
		"what is not stored": {source: &readings{chainSource: chainSource{windows: 3}}, from: 2000,
			want: []pipeline.Window{{Start: 2000, End: 3000}}},
		"nothing more": {source: &readings{chainSource: chainSource{windows: 2}}, from: 2000,
			want: []pipeline.Window{{Start: 2000, End: 2000}}},
		"a source that breaks":  {source: &readings{ends: []error{broken}}, err: broken},
		"a stop of a recording": {source: &readings{ends: []error{context.Canceled}}, over: true},
		"a stop of what is live": {
			source: &readings{ends: []error{context.Canceled}}, live: true, over: true, want: []pipeline.Window{{}},
		},
	} {
		k, put := cut(pipeline.StreamInfo{Modality: pipeline.EventStream, Width: 64, Height: 1, Live: c.live}, time.Second)
		k.f.Source, k.from = c.source, c.from
		ctx, cancel := context.WithCancel(t.Context())
		if c.over {
			cancel()
		}
		err := k.read(ctx, k.put)
		cancel()
		if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%s: error %v", name, err)
		}
		var got []pipeline.Window
		for _, p := range *put {
			got = append(got, p.Window)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if len(c.want) > 0 && !k.out.End {
			t.Errorf("%s: the last packet does not end the run", name)
		}
	}
}

func TestAPacketWithoutAPlaceIsDroppedOrWaits(t *testing.T) {
	info := pipeline.StreamInfo{Modality: pipeline.EventStream, Format: "chain", Width: 64, Height: 1}
	k, _ := cut(info, time.Second)
	k.out.Run = "run"
	queue, free := make(chan *parcel, 1), make(chan *parcel, 1)
	put := k.enqueue(queue, free)
	fill := func() {
		k.out.Batch = pipeline.Batch{Window: pipeline.Window{End: 1000}, Events: []pipeline.Event{{T: 1}, {T: 2}}}
	}
	k.drops = true
	for range 3 {
		if fill(); put(t.Context()) != nil {
			t.Fatal("a full queue is an error")
		}
	}
	if k.dropped != 3 || k.out.Number != 0 || len(k.out.Batch.Events) != 0 {
		t.Errorf("%d dropped, the next is %d", k.dropped, k.out.Number)
	}
	free <- new(parcel)
	if fill(); put(t.Context()) != nil {
		t.Fatal("a free place is an error")
	}
	if p := <-queue; p.number != 0 || p.end != 1000 || p.items != 2 || p.last || len(p.data) == 0 || k.out.Number != 1 {
		t.Errorf("%+v, the next is %d", p, k.out.Number)
	}
	k.drops = false
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if fill(); !errors.Is(put(ctx), context.Canceled) {
		t.Error("it waits for a place although the run ends")
	}
}

func TestASpoolTellsWhatTheDiskRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openSpool(filepath.Join(file, "spool"), "s1", 1<<20); err == nil || !strings.HasPrefix(err.Error(), "spool: ") {
		t.Errorf("error %v", err)
	}
	// Of what lies in the folder only this stream's packets are its own.
	for _, name := range []string{"s2.1.r.0.spool", "s1.x.r.0.spool", "s1.1.r.0", "s1.spool", "s1.12.r1.0.spool", "s1.3.r1.0.spool"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("torn"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := openSpool(dir, "s1", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	var found []uint64
	for _, f := range s.files {
		found = append(found, f.order)
	}
	if !slices.Equal(found, []uint64{3, 12}) || s.total != 8 {
		t.Errorf("files %v, %d bytes", found, s.total)
	}
	// A file that is gone or shorter than it was is told; torn ones are left out.
	if err := os.Remove(filepath.Join(dir, "s1.3.r1.0.spool")); err != nil {
		t.Fatal(err)
	}
	var p parcel
	if _, err := s.take(t.Context(), &p); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "s1.3.r1.0.spool"), []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.files[0].size = spoolHead // as if it had been longer
	if _, err := s.take(t.Context(), &p); !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "s1.3.r1.0.spool") {
		t.Errorf("error %v", err)
	}
	if err := s.closeRead(); err != nil {
		t.Fatal(err)
	}
	s.files[0].size = 4
	s.end()
	if _, err := s.take(t.Context(), &p); !errors.Is(err, io.EOF) {
		t.Errorf("after what is torn: %v", err)
	}
	// A run's last packet is kept also where there is no room.
	full, err := openSpool(filepath.Join(dir, "full"), "s1", 1)
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := full.put("r", &parcel{data: []byte("x")}); kept || err != nil {
		t.Errorf("kept %t, %v", kept, err)
	}
	if kept, err := full.put("r", &parcel{data: []byte("x"), last: true}); !kept || err != nil {
		t.Errorf("kept %t, %v", kept, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if run, err := full.take(ctx, &p); run != "r" || err != nil || !p.last {
		t.Errorf("run %q, %+v, %v", run, p, err)
	}
	if _, err := full.take(ctx, &p); !errors.Is(err, context.Canceled) {
		t.Errorf("nothing is there and the run ends: %v", err)
	}
	if err := full.close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "full")); err != nil {
		t.Fatal(err)
	}
	if _, err := full.put("r", &parcel{data: []byte("x"), last: true}); err == nil || !strings.HasPrefix(err.Error(), "spool: ") {
		t.Errorf("error %v", err)
	}
}

// The states of streams that a worker takes at once come due one after the other.
func TestStatesOfStreamsThatCameTogetherComeDueApart(t *testing.T) {
	now := time.Unix(1000, 0)
	pl := &Pipeline{Config: Config{Snapshot: 5 * time.Second}}
	var due [5]int
	for n := range 500 {
		l := &lane{pipeline: pl, now: func() time.Time { return now }}
		l.restored(track{Pipeline: "hall", Key: fmt.Sprint("cam-", n)})
		due[int(l.saved.Add(pl.Config.Snapshot).Sub(now)/time.Second)%5]++
	}
	for second, n := range due {
		if n < 60 || n > 140 {
			t.Errorf("%d of 500 in second %d", n, second)
		}
	}
}

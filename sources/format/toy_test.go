package format

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

// toy is a format for tests, which says at its beginning how many events it has,
// as far as a byte and a digit can: a line "toy WxH", and three bytes an event: time, x,
// y, or 255, 255 and a channel for a trigger.
func toy() Format {
	return Format{
		Name:  "toy",
		Sniff: func(p Probe) Claim { return BeginsWith(p, "toy ") },
		Open: func(s *Stream) (Decoder, error) {
			line, err := HeaderLine(s.In, "toy ", IsText)
			if err != nil || line == nil {
				return nil, errors.Join(err, errors.New("no header"))
			}
			s.In.Advance(len(line))
			s.Info.Header = Header{{"size", strings.TrimSpace(string(line[4:]))}}
			s.Size(16, 8)
			return toyDecoder{s}, nil
		},
		Create: func(s *Sink) (Encoder, error) { return &toyEncoder{s: s}, nil },
	}
}

type toyDecoder struct{ s *Stream }

func (d toyDecoder) Decode(b *Block, src []byte, at int64, _ bool) (i int, err error) {
	for ; i+3 <= len(src) && !b.Full(); i += 3 {
		if src[i] == 255 && src[i+1] == 255 {
			b.Add(Side{Kind: Trigger, Code: uint32(src[i+2])})
			continue
		}
		e := pipeline.Event{T: int64(src[i]), X: uint16(src[i+1]), Y: uint16(src[i+2])}
		d.s.Outside(uint32(e.X), uint32(e.Y), at+int64(i), e.T)
		b.Events = append(b.Events, e)
	}
	return i, nil
}

type toyEncoder struct {
	s     *Sink
	begun bool
	n     byte
}

func (e *toyEncoder) begin(dst []byte) []byte {
	if !e.begun {
		e.begun = true
		dst = append(dst, "toy 0x0\n"...)
	}
	return dst
}

func (e *toyEncoder) Events(dst []byte, events []pipeline.Event) []byte {
	dst = e.begin(dst)
	for _, v := range events {
		if v.T > 250 {
			e.s.Lost.Add(TimeRange, 0, v.T, 1)
			continue
		}
		e.n++
		dst = append(dst, byte(v.T), byte(v.X), byte(v.Y))
	}
	return dst
}

func (e *toyEncoder) Side(dst []byte, s *Side) []byte {
	if s.Kind != Trigger {
		e.s.Lose(s)
		return dst
	}
	return append(e.begin(dst), 255, 255, byte(s.Code))
}

func (e *toyEncoder) Finish(dst []byte) []byte {
	dst = e.begin(dst)
	if e.s.Patch != nil {
		e.s.Patch([]byte{'0' + e.n%10}, 4)
	}
	return dst
}

// file is a recording in memory that can be written at any place.
type file struct {
	bytes.Buffer
	closed int
	err    error
}

func (f *file) Write(b []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.Buffer.Write(b)
}

func (f *file) WriteAt(b []byte, at int64) (int, error) { return copy(f.Bytes()[at:], b), f.err }
func (f *file) Close() error                            { f.closed++; return f.err }

func toyEvents(n int) (events []pipeline.Event) {
	for i := range n {
		events = append(events, pipeline.Event{T: int64(i % 250), X: uint16(i % 16), Y: uint16(i / 16 % 8)})
	}
	return events
}

// readAll reads a recording in blocks of a size.
func readAll(t *testing.T, r *Reader, size int) (events []pipeline.Event, channels []uint32) {
	t.Helper()
	b := NewBlock(size)
	for {
		err := r.Read(b)
		if errors.Is(err, io.EOF) {
			return events, channels
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(b.Events)+len(b.Side) == 0 {
			t.Fatal("a block of nothing")
		}
		for _, s := range b.Side {
			channels = append(channels, s.Code+1000*uint32(len(events)+s.Before))
		}
		events = append(events, b.Events...)
	}
}

func TestWhatAWriterWritesAReaderReads(t *testing.T) {
	t.Parallel()
	var f file
	w, err := NewWriter(&f, "a.toy", toy(), Info{Width: 16, Height: 8})
	if err != nil {
		t.Fatal(err)
	}
	w.Closes(&f)
	want := toyEvents(2000)
	block := &Block{Events: want, Side: []Side{{Kind: Trigger, Code: 3}, {Kind: Trigger, Code: 4, Before: 700},
		{Kind: IMUSample, T: 9, Before: 700}, {Kind: Trigger, Code: 5, Before: 2000}}}
	if err := w.WriteBlock(block); err != nil {
		t.Fatal(err)
	}
	if err := w.Write([]pipeline.Event{{T: 251}, {T: 252}}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), w.Close()); err != nil || f.closed != 1 {
		t.Errorf("closed %d times, %v", f.closed, err)
	}
	var lost []string
	for _, d := range w.Lost() {
		lost = append(lost, d.Kind)
	}
	if d := cmp.Diff([]string{"imu", TimeRange}, lost); d != "" || w.Lost()[1].Count != 2 {
		t.Errorf("lost %v", w.Lost())
	}
	for _, size := range []int{1, 100, 5000} {
		for name, in := range map[string]io.Reader{
			"whole": bytes.NewReader(f.Bytes()), "bit by bit": iotest.OneByteReader(bytes.NewReader(f.Bytes())),
		} {
			r, err := NewReader(toy(), NewInput(in), Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, channels := readAll(t, r, size)
			if !slices.Equal(want, got) || !slices.Equal(channels, []uint32{3, 700_004, 2_000_005}) {
				t.Errorf("%s in blocks of %d: %d events, triggers %v", name, size, len(got), channels)
			}
			if r.Offset() != int64(f.Len()) || r.Stream.Info.Width != 16 || r.Stream.Info.Header.Get("size") != "8x0" || r.Close() != nil {
				t.Errorf("%s: %d of %d bytes, %+v", name, r.Offset(), f.Len(), r.Stream.Info)
			}
		}
	}
}

func TestATornRecordIsCountedAndTheRestRead(t *testing.T) {
	t.Parallel()
	r, err := NewReader(toy(), InputOf([]byte("toy 1x1\n\x01\x02\x03\x02\x20\x09\x03")), Options{Height: 100})
	if err != nil {
		t.Fatal(err)
	}
	got, _ := readAll(t, r, 64)
	if d := cmp.Diff([]pipeline.Event{{T: 1, X: 2, Y: 3}, {T: 2, X: 32, Y: 9}}, got); d != "" {
		t.Error(d)
	}
	d := r.Stream.Damage.List()
	if len(d) != 2 || d[0].Kind != outOfRangeX || d[0].Offset != 11 || d[1].Kind != Truncated || d[1].FirstUS != 2 || d[1].Offset != 14 {
		t.Errorf("damage %v", d)
	}
	if r.Stream.Info.Width != 16 || r.Stream.Info.Height != 100 {
		t.Errorf("%dx%d, although the height was given", r.Stream.Info.Width, r.Stream.Info.Height)
	}
}

func TestFailuresOfReadingAndWritingComeThrough(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	r, err := NewReader(toy(), NewInput(io.MultiReader(strings.NewReader("toy 1x1\n\x01\x02\x03"), iotest.ErrReader(boom))), Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := NewBlock(64)
	if err := r.Read(b); err != nil || len(b.Events) != 1 {
		t.Errorf("what came before the failure: %d events, %v", len(b.Events), err)
	}
	if err := r.Read(b); !errors.Is(err, boom) {
		t.Errorf("then %v", err)
	}
	for name, c := range map[string]struct {
		format  Format
		in      string
		options Options
		want    string
	}{
		"no header":          {toy(), "\x00", Options{}, "no header"},
		"no streams":         {toy(), "toy 1x1\n", Options{Stream: "left"}, `no streams with names, such as "left"`},
		"cannot be followed": {Format{Name: "held"}, "", Options{Live: true}, "held cannot be followed"},
	} {
		if _, err := NewReader(c.format, NewInput(strings.NewReader(c.in)), c.options); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	f := file{err: boom}
	w, err := NewWriter(&f, "a.toy", toy(), Info{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(toyEvents(3)); !errors.Is(err, boom) || !strings.Contains(err.Error(), "a.toy") {
		t.Errorf("writing gives %v", err)
	}
	if err := w.Close(); !errors.Is(err, boom) {
		t.Errorf("closing gives %v, as if all were there", err)
	}
	if _, err := NewWriter(&f, "a", Format{Name: "held"}, Info{}); err == nil || !strings.Contains(err.Error(), "can be read only") {
		t.Errorf("a format without an encoder: %v", err)
	}
}

func TestBlocksHoldTheirSideDataInPlace(t *testing.T) {
	t.Parallel()
	b := NewBlock(1)
	if b.Room() != minBlock || b.Full() {
		t.Errorf("room for %d", b.Room())
	}
	b.Events = append(b.Events, pipeline.Event{})
	b.Add(Side{Kind: Special, Data: []byte("ab"), IMU: &IMU{Temperature: 3},
		Frame: &Frame{Start: 1, End: 2, ExposureStart: 3, ExposureEnd: 4, Pixels: []byte{7}}})
	if !b.Full() || b.Side[0].Before != 1 {
		t.Errorf("full %t, side data before event %d", b.Full(), b.Side[0].Before)
	}
	c := b.Side[0].Clone()
	if d := cmp.Diff(b.Side[0], c); d != "" {
		t.Error(d)
	}
	c.Shift(10)
	c.Data[0], c.IMU.Temperature, c.Frame.Pixels[0] = 'x', 4, 8
	if s := b.Side[0]; s.T != 0 || string(s.Data) != "ab" || s.IMU.Temperature != 3 || s.Frame.Pixels[0] != 7 || s.Frame.Start != 1 {
		t.Errorf("the clone shares memory: %+v", s)
	}
	want := Frame{Start: 11, End: 12, ExposureStart: 13, ExposureEnd: 14, Pixels: []byte{8}}
	if cmp.Diff(want, *c.Frame) != "" || c.T != 10 {
		t.Errorf("shifted: %d, %+v", c.T, *c.Frame)
	}
	if b.Reset(); len(b.Events)+len(b.Side) > 0 || b.Room() != minBlock {
		t.Error("the block is not empty")
	}
	var none Block
	if none.Reset(); none.Room() != minBlock {
		t.Errorf("a block of nothing has room for %d", none.Room())
	}
	for kind, want := range map[SideKind]string{Trigger: "trigger", IMUSample: "imu", FrameImage: "frame", Special: "special"} {
		if kind.String() != want {
			t.Errorf("kind %d is %q", kind, kind)
		}
	}
}

func TestAStreamIsChosenByItsNameOrItsAlias(t *testing.T) {
	t.Parallel()
	streams := func() []StreamInfo {
		return []StreamInfo{
			{Name: "0", Alias: "left", Kind: StreamEvents, Width: 64, Height: 48}, {Name: "1", Alias: "right", Kind: StreamEvents},
			{Name: "2", Alias: "right", Kind: StreamEvents}, {Name: "left", Kind: "frames"}, {Name: "3", Kind: StreamEvents, Width: 9},
		}
	}
	for _, c := range []struct {
		want      string
		preferred int
		got       int
		err       string
	}{
		{"", 0, 0, ""}, {"", -1, -1, ""}, {"3", 0, 4, ""}, {"left", 4, 0, ""}, {"1", 0, 1, ""},
		{"right", 0, -1, `has no stream of events "right" (`}, {"up", 0, -1, "0 left"},
	} {
		s := Stream{Want: c.want}
		got, err := s.Choose(streams(), c.preferred)
		if got != c.got || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q: stream %d, %v", c.want, got, err)
		}
		for i, info := range s.Info.Streams {
			if info.Read != (err == nil && i == c.got) {
				t.Errorf("%q: stream %d is read %t", c.want, i, info.Read)
			}
		}
		if c.got == 0 && (s.Info.Width != 64 || s.Info.Height != 48) {
			t.Errorf("%q: %dx%d", c.want, s.Info.Width, s.Info.Height)
		}
	}
	var s Stream
	s.NotRead("a", 3)
	s.NotRead("a", 4)
	for range 2 * maxStreams {
		s.NotRead(strings.Repeat("b", len(s.Info.Streams)), 1)
	}
	if s.Info.Streams[0].Unread != 7 || len(s.Info.Streams) != maxStreams {
		t.Errorf("%d unread, %d streams", s.Info.Streams[0].Unread, len(s.Info.Streams))
	}
}

func TestHeadersAreWrittenInTheirOrder(t *testing.T) {
	t.Parallel()
	h := Header{{"b", "1"}, {"a", "x\"y"}, {"b", "2"}}
	got, err := json.Marshal(h)
	if err != nil || string(got) != `{"b":"1","a":"x\"y"}` || h.Get("b") != "1" || h.Get("c") != "" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestTheSmallestCameraThatHasAnAddressIsMeant(t *testing.T) {
	t.Parallel()
	for _, c := range [][4]int{
		{0, 0, 128, 128}, {127, 127, 128, 128}, {128, 0, 240, 180}, {0, 128, 240, 180}, {345, 259, 346, 260},
		{1279, 719, 1280, 720}, {1280, 0, 1281, 1}, {0, 720, 1, 721},
	} {
		if w, h := SmallestSensor(c[0], c[1]); w != c[2] || h != c[3] {
			t.Errorf("(%d, %d): %dx%d, want %dx%d", c[0], c[1], w, h, c[2], c[3])
		}
	}
	for _, c := range []struct {
		w, h int
		want bool
	}{{128, 1, true}, {1, 720, true}, {127, 719, false}, {720, 128, true}, {720, 1280, false}} {
		if got := IsSensorEdge(c.w, c.h); got != c.want {
			t.Errorf("%dx%d: %t", c.w, c.h, got)
		}
	}
}

func TestTextMayBeCutWithinACharacter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		b    string
		cut  bool
		want bool
	}{{"plain\ttext\r\n", false, true}, {"µs", false, true}, {"\xc2", true, true}, {"\xc2", false, false}, {"\xff", true, false},
		{"\x00", false, false},
		{"\x1b[0m", true, false}, {"", false, true}} {
		if got := IsText([]byte(c.b), c.cut); got != c.want {
			t.Errorf("%q, cut %t: %t", c.b, c.cut, got)
		}
	}
	for text, want := range map[string]string{"% a\nb": "% a\n", "% a": "% a", "a\n": "", "": "", "% \x00\n": ""} {
		got, err := HeaderLine(NewInput(iotest.OneByteReader(strings.NewReader(text))), "% ", IsText)
		if err != nil || string(got) != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	boom := errors.New("boom")
	if _, err := HeaderLine(NewInput(iotest.ErrReader(boom)), "% ", IsText); !errors.Is(err, boom) {
		t.Errorf("a failure gives %v", err)
	}
	long := InputOf([]byte("% " + strings.Repeat("x", 2*MaxHeader)))
	if line, err := HeaderLine(long, "% ", IsText); err != nil || len(line) != 2*MaxHeader+2 {
		t.Errorf("%d bytes, %v", len(line), err)
	}
}

func TestRecordsArePlausibleOrNot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		n      int
		record func(i int) (t int64, x, y uint16)
		want   Weight
	}{
		{"nothing", 0, nil, No},
		{"too few to tell", 15, func(i int) (int64, uint16, uint16) { return 0, 1, 1 }, No}, // the same again and again
		{"few", 15, func(i int) (int64, uint16, uint16) { return int64(i), uint16(i), 1 }, Possible},
		{"enough", 16, func(i int) (int64, uint16, uint16) { return int64(i), uint16(i), 1 }, Likely},
		{"off the sensor", 20, func(i int) (int64, uint16, uint16) { return int64(i), 100, uint16(i) }, No},
		{"at its edge", 20, func(i int) (int64, uint16, uint16) { return int64(i), 99, uint16(i) }, Likely},
		{"one pixel", 20, func(i int) (int64, uint16, uint16) { return int64(i), 0, 0 }, No},
		{"time stands", 20, func(i int) (int64, uint16, uint16) { return 5, uint16(i), 1 }, No},
		{"time goes back", 20, func(i int) (int64, uint16, uint16) { return int64(-i), uint16(i), 1 }, No},
		{"too slow", 20, func(i int) (int64, uint16, uint16) { return int64(i) * 200_000_000, uint16(i), 1 }, No},
		{"once back in a hundred", 200, func(i int) (int64, uint16, uint16) { return int64(i - i/199*5), uint16(i % 90), 1 }, Likely},
	} {
		var r Records
		for i := range c.n {
			r.Add(c.record(i))
		}
		if got := r.Weight(100, 50); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	for head, want := range map[string]Weight{"toy 1": Certain, "toy ": Certain, "toy": No, "boy ": No, "": No} {
		if got := toy().Sniff(Probe{Head: []byte(head)}); got.Weight != want || (got.Why != "") != (want == Certain) {
			t.Errorf("%q: %+v", head, got)
		}
	}
}

// TestAnInputCanBeHeldAndWrapped reads some of an input, and then what is left of
// it through another reader or at any place.
func TestAnInputCanBeHeldAndWrapped(t *testing.T) {
	t.Parallel()
	data := bytes.Repeat([]byte("0123456789"), 1000)
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for name, in := range map[string]*Input{"file": NewInput(f), "pipe": NewInput(iotest.HalfReader(bytes.NewReader(data)))} {
		src, size, err := in.Hold("toy")
		if err != nil || size != int64(len(data)) {
			t.Fatalf("%s: %d bytes, %v", name, size, err)
		}
		b := make([]byte, 10)
		if _, err := src.ReadAt(b, 5000); err != nil || string(b) != "0123456789" {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	in := NewInput(iotest.OneByteReader(bytes.NewReader(data)))
	if _, _, err := in.Window(25); err != nil {
		t.Fatal(err)
	}
	in.Advance(20)
	var seen int
	in.Wrap(func(rest io.Reader) io.Reader {
		all, err := io.ReadAll(rest)
		if err != nil || !bytes.Equal(all, data[20:]) {
			t.Errorf("%d bytes are left, %v", len(all), err)
		}
		seen = len(all)
		return strings.NewReader("other")
	})
	if src, last, err := in.Window(100); err != nil || !last || string(src) != "other" || in.Offset() != 20 || seen == 0 {
		t.Errorf("%q, last %t, at %d, %v", src, last, in.Offset(), err)
	}
	in.Reset(strings.NewReader("again"), 7)
	if src, _, err := in.Window(5); err != nil || string(src) != "again" || in.Offset() != 7 {
		t.Errorf("%q at %d, %v", src, in.Offset(), err)
	}
}

package clip_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/clip"
)

// rate has a period that is not a whole number of microseconds.
const rate = 11_025

var (
	mono = pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: rate, Channels: 1}
	span = clip.Span{Before: 300 * time.Millisecond, After: 100 * time.Millisecond, Longest: time.Second}
)

// word is a detection of what was heard from start to end and reported at t, ms.
func word(start, end, t int64) pipeline.Detection {
	return pipeline.Detection{Kind: pipeline.Keyword, Label: "word", TStart: start * 1000, TEnd: end * 1000, T: t * 1000, Seq: uint64(t)}
}

// stream is so many frames whose samples are their numbers, and a spike at
// each millisecond, of a neuron of that number.
type stream struct {
	info     pipeline.StreamInfo
	frames   int64
	words    []pipeline.Detection // by T
	lost     func(frame int64) bool
	recorder *clip.Recorder
	clips    []*pipeline.Clip
	next     int64 // frame
	now      int64 // µs
	reported int
}

func newStream(t testing.TB, s clip.Span, info pipeline.StreamInfo, seconds float64, words ...pipeline.Detection) *stream {
	t.Helper()
	r, err := clip.NewRecorder(s, info)
	if err != nil {
		t.Fatal(err)
	}
	return &stream{info: info, frames: int64(seconds * float64(info.SampleRate)), words: words, recorder: r}
}

// batch is the next window of so many µs, with the words of its time.
func (s *stream) batch(window int64) (b pipeline.Batch, spikes pipeline.Spikes, ds []pipeline.Detection) {
	b.Window = pipeline.Window{Start: s.now, End: s.now + window}
	b.FrameIndex = s.next
	for ; s.next < s.frames && s.info.FrameTime(s.next) < b.End; s.next++ {
		for c := range s.info.Channels {
			b.PCM = append(b.PCM, float32(s.next)+float32(c)/2)
		}
	}
	for ms := (s.now + 999) / 1000; ms*1000 < b.End; ms++ {
		spikes.Append(ms*1000, uint32(ms))
	}
	for s.reported < len(s.words) && s.words[s.reported].T <= b.End {
		ds = append(ds, s.words[s.reported])
		s.reported++
	}
	s.now = b.End
	return b, spikes, ds
}

// play plays on, in windows whose lengths a function tells, until t µs.
func (s *stream) play(window func() int64, until int64) {
	for s.next < s.frames && s.now < until {
		b, spikes, ds := s.batch(window())
		if s.lost != nil && s.lost(b.FrameIndex) {
			continue
		}
		s.clips = s.recorder.Take(&b, &spikes, ds, s.clips)
	}
}

// all plays to the end and returns the clips.
func (s *stream) all(window int64) []*pipeline.Clip {
	s.play(func() int64 { return window }, 1<<62)
	s.clips = s.recorder.Flush(s.words[s.reported:], s.clips)
	return s.clips
}

// describe reports what a clip holds; its samples are numbers that ascend.
func describe(c *pipeline.Clip) string {
	text := fmt.Sprintf("%d..%d µs", c.Start, c.End)
	if n := len(c.PCM); n > 0 {
		text += fmt.Sprintf(", samples %v..%v", c.PCM[0], c.PCM[n-1])
		if float32(c.FrameIndex) != c.PCM[0] {
			text += fmt.Sprintf(" said to be %d", c.FrameIndex)
		}
	}
	if n := c.Spikes.Len(); n > 0 {
		text += fmt.Sprintf(", spikes %d..%d", c.Spikes.IDs[0], c.Spikes.IDs[n-1])
	}
	if c.Missing > 0 {
		text += fmt.Sprintf(", %d missing", c.Missing)
	}
	return text
}

func describeAll(clips []*pipeline.Clip) (all []string) {
	for _, c := range clips {
		all = append(all, describe(c))
	}
	return all
}

func TestAClipBeginsAndEndsAtTheSample(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		word pipeline.Detection
		want string
	}{
		{"in the middle", word(1000, 1400, 1500), "700000..1499955 µs, samples 7718..16537, spikes 700..1499"},
		{"near the begin", word(100, 400, 500), "0..499955 µs, samples 0..5512, spikes 0..499"},
		{"near the end", word(2400, 2950, 2960), "2100000..2999910 µs, samples 23153..33074, spikes 2100..2999"},
		{"reported late", word(1000, 1100, 1900), "700000..1199910 µs, samples 7718..13229, spikes 700..1199"},
		{"reported too late", word(1000, 1100, 2500), "1200000..1200000 µs"},
		{"longer than the longest", word(100, 2300, 2300), "1000000..2399910 µs, samples 11025..26459, spikes 1000..2399"},
		{"not over when it is reported", word(1000, 9000, 1500), "700000..1599910 µs, samples 7718..17639, spikes 700..1599"},
	} {
		s := newStream(t, span, mono, 3, c.word)
		if d := cmp.Diff([]string{c.want}, describeAll(s.all(10_000))); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

// busy is words that overlap, up to the end of 4 s.
var busy = []pipeline.Detection{
	word(50, 300, 320), word(200, 900, 930), word(850, 900, 930), word(1500, 1800, 2600), word(2000, 2600, 2610), word(3500, 3900, 3990),
	word(3950, 3990, 4000),
}

func TestHowTheStreamIsCutIntoBatchesChangesNothing(t *testing.T) {
	t.Parallel()
	stereo := mono
	stereo.Channels = 2
	for _, info := range []pipeline.StreamInfo{mono, stereo} {
		want := newStream(t, span, info, 4, busy...).all(10_000)
		if len(want) != len(busy) {
			t.Fatalf("%d clips of %d words", len(want), len(busy))
		}
		for _, window := range []int64{100, 1_000, 9_999, 230_000, 1_000_003, 10_000_000} {
			if d := cmp.Diff(byTime(want), byTime(newStream(t, span, info, 4, busy...).all(window))); d != "" {
				t.Errorf("windows of %d µs: %s", window, d)
			}
		}
		chance := rand.New(rand.NewPCG(1, 2))
		s := newStream(t, span, info, 4, busy...)
		s.play(func() int64 { return 1 + chance.Int64N(700_000) }, 1<<62)
		if d := cmp.Diff(byTime(want), byTime(s.all(1))); d != "" {
			t.Errorf("windows of chance: %s", d)
		}
	}
}

// byTime are clips, all that they hold, by their detections: which one is
// complete first depends on the windows.
func byTime(clips []*pipeline.Clip) map[string]string {
	m := map[string]string{}
	for _, c := range clips {
		sum := sha256.New()
		for _, part := range []any{c.FrameIndex, c.PCM, c.Spikes.T, c.Spikes.Offsets, c.Spikes.IDs, c.Missing, int64(c.Same)} {
			if err := binary.Write(sum, binary.LittleEndian, part); err != nil {
				panic(err)
			}
		}
		detection := c.Detection.AppendJSON(nil)
		m[string(detection)] = fmt.Sprintf("%s: sum %x", describe(c), sum.Sum(nil))
	}
	return m
}

func TestARestoredRecorderGoesOnAsIfItHadNeverStopped(t *testing.T) {
	t.Parallel()
	want := byTime(newStream(t, span, mono, 4, busy...).all(10_000))
	forgetful := 0
	for stop := int64(0); stop < 4_000_000; stop += 190_000 {
		s := newStream(t, span, mono, 4, busy...)
		s.play(func() int64 { return 10_000 }, stop)
		b, err := s.recorder.AppendState(nil)
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := clip.NewRecorder(span, mono)
		if err != nil {
			t.Fatal(err)
		}
		s.recorder = fresh
		forgot := *s
		forgot.clips = append([]*pipeline.Clip(nil), s.clips...)
		if !cmp.Equal(want, byTime(forgot.all(10_000))) {
			forgetful++ // the negative control
		}
		if fresh, err = clip.NewRecorder(span, mono); err != nil {
			t.Fatal(err)
		}
		if err := fresh.RestoreState(b); err != nil {
			t.Fatal(err)
		}
		s.recorder = fresh
		if d := cmp.Diff(want, byTime(s.all(10_000))); d != "" {
			t.Errorf("stopped at %d µs: %s", stop, d)
		}
	}
	if forgetful < 8 {
		t.Errorf("a recorder that forgets its state is found out %d times", forgetful)
	}
}

func TestADamagedStateIsRefused(t *testing.T) {
	t.Parallel()
	s := newStream(t, span, mono, 4, busy...)
	s.play(func() int64 { return 10_000 }, 950_000)
	b, err := s.recorder.AppendState(nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(b) {
		if n > 100 && n < len(b)-2000 {
			continue
		}
		r, _ := clip.NewRecorder(span, mono)
		if err := r.RestoreState(b[:n]); err == nil {
			t.Errorf("%d bytes of %d are enough", n, len(b))
		}
	}
	r, _ := clip.NewRecorder(clip.Span{}, mono)
	if err := r.RestoreState(b); err == nil {
		t.Error("a recorder of another span takes it")
	}
}

func TestSilenceTakesThePlaceOfWhatNeverCame(t *testing.T) {
	t.Parallel()
	s := newStream(t, span, mono, 3, word(1000, 1400, 1500))
	s.lost = func(frame int64) bool { return frame > 9_000 && frame <= 10_000 }
	clips := s.all(10_000)
	if len(clips) != 1 || clips[0].Missing != 992 {
		t.Fatalf("%v", describeAll(clips))
	}
	for i, v := range clips[0].PCM {
		if f := clips[0].FrameIndex + int64(i); v != float32(f) && (v != 0 || f < 9_000 || f > 10_110) {
			t.Fatalf("frame %d is %v", f, v)
		}
	}
}

func TestAHoleLongerThanTheRingEndsTheClipsThatWait(t *testing.T) {
	t.Parallel()
	s := newStream(t, span, mono, 20, word(1000, 1400, 1420), word(9000, 9500, 9510))
	s.lost = func(frame int64) bool { return frame > 15_600 && frame < 95_000 }
	want := []string{"700000..1419955 µs, samples 7718..15655, spikes 700..1419",
		"8700000..9599910 µs, samples 95918..105839, spikes 8700..9599"}
	if d := cmp.Diff(want, describeAll(s.all(10_000))); d != "" {
		t.Error(d)
	}
}

func TestMoreThanCanWaitIsCounted(t *testing.T) {
	t.Parallel()
	var many []pipeline.Detection
	for range 2000 {
		many = append(many, word(1000, 1400, 1500))
	}
	many = append(many, pipeline.Detection{Kind: pipeline.MotionUpdate, T: 1_500_000}) // not of sound
	s := newStream(t, clip.Span{After: time.Second, Longest: time.Second}, mono, 3, many...)
	clips := s.all(10_000)
	if s.recorder.Noted() != 2000 || s.recorder.Refused() != 976 || s.recorder.Waiting() != 0 || len(clips) != 1024 {
		t.Errorf("%d noted, %d refused, %d wait, %d clips", s.recorder.Noted(), s.recorder.Refused(), s.recorder.Waiting(), len(clips))
	}
	if clips[0].Same != 0 || clips[9].Same != 9 {
		t.Errorf("%d and %d others are the same", clips[0].Same, clips[9].Same)
	}
}

func TestStreamsThatCannotBeCutAreRefused(t *testing.T) {
	t.Parallel()
	if _, err := clip.NewRecorder(span, pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: 8000}); err == nil {
		t.Error("no error")
	}
	if _, err := clip.NewRecorder(clip.Span{Before: -1}, mono); err == nil {
		t.Error("no error for a time before now")
	}
}

func TestWithoutDetectionsNothingIsAllocated(t *testing.T) {
	s := newStream(t, span, mono, 1e6)
	s.play(func() int64 { return 10_000 }, 10_000_000)
	b, spikes, _ := s.batch(10_000)
	frames, clips := int64(len(b.PCM)), []*pipeline.Clip(nil)
	step := func() {
		clips = s.recorder.Take(&b, &spikes, nil, clips[:0])
		b.FrameIndex += frames
		b.Start, b.End = b.Start+10_000, b.End+10_000
		for i := range spikes.T {
			spikes.T[i] += 10_000
		}
	}
	if n := testing.AllocsPerRun(1000, step); n != 0 {
		t.Errorf("%v allocations a batch", n)
	}
}

// BenchmarkTake measures what keeping costs while nothing is detected.
func BenchmarkTake(b *testing.B) {
	info := mono
	info.SampleRate = 16_000
	s := newStream(b, span, info, 1e6)
	batch, spikes, _ := s.batch(10_000)
	frames := int64(len(batch.PCM))
	b.ReportAllocs()
	for b.Loop() {
		s.recorder.Take(&batch, &spikes, nil, nil)
		batch.FrameIndex += frames
		batch.Start, batch.End = batch.Start+10_000, batch.End+10_000
		for i := range spikes.T {
			spikes.T[i] += 10_000
		}
	}
	b.ReportMetric(float64(b.N)/100/b.Elapsed().Seconds(), "x/realtime")
}

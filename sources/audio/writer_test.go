package audio

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"
	"go.uber.org/goleak"

	"ganglion/internal/shareddata"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sinks/nats/natstest"
)

func TestMain(m *testing.M) {
	code := natstest.Main(m)
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// wavFile describes how to write a WAV stream.
type wavFile struct {
	id                 string // RIFF, RIFX, RF64
	tag                uint16
	channels, rate     int
	bits, bytes        int // of a sample
	extensible         bool
	before             []byte // chunks before the sound
	riffSize, dataSize func(sound int) uint32
}

func (w wavFile) write(sound []byte) []byte {
	var order binary.ByteOrder = binary.LittleEndian
	if w.id == "RIFX" {
		order = binary.BigEndian
	}
	u16 := func(b []byte, v int) []byte { return order.(binary.AppendByteOrder).AppendUint16(b, uint16(v)) }
	u32 := func(b []byte, v uint32) []byte { return order.(binary.AppendByteOrder).AppendUint32(b, v) }
	f := u16(nil, int(w.tag))
	if w.extensible {
		f = u16(nil, tagExtensible)
	}
	f = u16(f, w.channels)
	f = u32(f, uint32(w.rate))
	f = u32(f, uint32(w.rate*w.channels*w.bytes))
	f = u16(f, w.channels*w.bytes)
	f = u16(f, w.bits)
	if w.extensible {
		f = u16(u16(f, 22), w.bits)
		f = u32(u32(f, 0), uint32(w.tag))
		f = append(f, "\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"...)
	}
	size := func(f func(int) uint32, n int) uint32 {
		if f != nil {
			return f(len(sound))
		}
		return uint32(n)
	}
	body := []byte("WAVE")
	if w.id == "RF64" {
		body = u32(append(body, "ds64"...), 28)
		body = binary.LittleEndian.AppendUint64(body, 0)
		body = binary.LittleEndian.AppendUint64(body, uint64(len(sound)))
		body = append(body, make([]byte, 12)...)
	}
	body = append(u32(append(body, "fmt "...), uint32(len(f))), f...)
	body = append(body, w.before...)
	body = append(u32(append(body, "data"...), size(w.dataSize, len(sound))), sound...)
	return append(u32([]byte(w.id), size(w.riffSize, len(body))), body...)
}

// plainWAV is 16 bits little-endian.
func plainWAV(rate, channels int, x []int16) []byte {
	var sound []byte
	for _, v := range x {
		sound = binary.LittleEndian.AppendUint16(sound, uint16(v))
	}
	return wavFile{id: "RIFF", tag: tagPCM, channels: channels, rate: rate, bits: 16, bytes: 2}.write(sound)
}

// tones is a sum of a few sines with some noise, the same each time.
func tones(n int) []int16 {
	x := make([]int16, n)
	seed := uint32(1)
	for i := range x {
		seed = seed*1664525 + 1013904223
		t := float64(i)
		x[i] = int16(8000*math.Sin(t*0.05) + 5000*math.Sin(t*0.31) + float64(int32(seed)>>20))
	}
	return x
}

func asFloats(x []int16) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v) / (1 << 15)
	}
	return y
}

// writeFLAC encodes frames of 256 samples of 16 bits.
func writeFLAC(t testing.TB, rate, channels int, x []int16) []byte {
	t.Helper()
	const block = 256
	var out bytes.Buffer
	e, err := flac.NewEncoder(&out, &meta.StreamInfo{
		BlockSizeMin: block, BlockSizeMax: block, SampleRate: uint32(rate), NChannels: uint8(channels), BitsPerSample: 16,
		NSamples: uint64(len(x) / channels),
	})
	if err != nil {
		t.Fatal(err)
	}
	for num := uint64(0); len(x) > 0; num++ {
		n := min(block, len(x)/channels)
		f := &frame.Frame{Header: frame.Header{
			HasFixedBlockSize: true, BlockSize: uint16(n), SampleRate: uint32(rate),
			Channels: frame.Channels(channels - 1), BitsPerSample: 16, Num: num,
		}}
		for c := range channels {
			s := &frame.Subframe{SubHeader: frame.SubHeader{Pred: frame.PredVerbatim}, NSamples: n}
			for i := range n {
				s.Samples = append(s.Samples, int32(x[i*channels+c]))
			}
			f.Subframes = append(f.Subframes, s)
		}
		if err := e.WriteFrame(f); err != nil {
			t.Fatal(err)
		}
		x = x[n*channels:]
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// silentMP3 is n frames of MPEG-1 layer III at 128 kbit/s, 44.1 kHz, stereo,
// whose side information says that they hold nothing.
func silentMP3(n int) []byte {
	var b []byte
	for range n {
		b = append(b, 0xff, 0xfb, 0x90, 0x00)
		b = append(b, make([]byte, 417-4)...)
	}
	return b
}

// decodeAll decodes bytes and returns the samples and what was damaged.
func decodeAll(b []byte, format string) ([]float32, layout, []pipeline.Damage, error) {
	in := newInput(bytes.NewReader(b))
	c := *Component().Defaults().(*Config)
	c.Format = format
	d, err := newDecoder(in, &c)
	if err != nil {
		return nil, layout{}, nil, err
	}
	var all []float32
	block := make([]float32, 4096)
	for {
		n, err := d.decode(block)
		all = append(all, block[:n]...)
		in.frame += int64(n / d.layout().channels)
		if errors.Is(err, io.EOF) {
			return all, d.layout(), in.report.List(), nil
		}
		if err != nil {
			return all, d.layout(), in.report.List(), err
		}
	}
}

func writeFile(t testing.TB, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func defaults(path string) Config {
	c := *Component().Defaults().(*Config)
	c.Path = path
	return c
}

func open(t testing.TB, c Config) (*Source, pipeline.StreamInfo) {
	t.Helper()
	s, err := New(c, component.Env{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	info, err := s.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, info
}

// play reads a source to its end and checks that its batches join.
func play(t testing.TB, s *Source) []float32 {
	t.Helper()
	var all []float32
	var b pipeline.Batch
	next := int64(-1)
	for {
		b.Reset()
		err := s.Read(context.Background(), &b)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if at := s.info.FrameTime(b.FrameIndex); !b.Contains(at) || next >= 0 && b.FrameIndex != next {
			t.Fatalf("frame %d (%d µs) in window %v after frame %d", b.FrameIndex, at, b.Window, next-1)
		}
		next = b.FrameIndex + int64(len(b.PCM)/s.info.Channels)
		if last := s.info.FrameTime(next - 1); !b.Contains(last) {
			t.Fatalf("frame %d (%d µs) outside window %v", next-1, last, b.Window)
		}
		all = append(all, b.PCM...)
	}
}

func dataFolder(t testing.TB) string {
	t.Helper()
	return shareddata.Path(t, "audio")
}

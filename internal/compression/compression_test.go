package compression

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// contents are pieces of n bytes that compress well, hardly and not at all.
func contents(n int) map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	noise, text := make([]byte, n), make([]byte, n)
	for i := range noise {
		noise[i] = byte(r.Uint32())
		text[i] = "the way of an event"[r.IntN(19)&^1]
	}
	return map[string][]byte{"zeros": make([]byte, n), "text": text, "noise": noise}
}

var codecs = map[string]Codec{"none": None, "LZ4": LZ4, "Zstandard": Zstd}

func TestWhatIsPackedIsUnpacked(t *testing.T) {
	t.Parallel()
	var e Encoder
	var d Decoder
	for name, c := range codecs {
		for _, n := range []int{0, 1, 15, 16, 17, 1000, 70_000} {
			for kind, want := range contents(n) {
				frame := e.Append([]byte("before"), want, c)[6:]
				got, err := d.Append([]byte("head"), frame, c, n)
				if err != nil || !bytes.Equal(got[4:], want) || string(got[:4]) != "head" {
					t.Errorf("%s, %d bytes of %s: %v", name, n, kind, err)
				}
				if n == 0 {
					continue
				}
				if got, err := d.Append([]byte("head"), frame, c, n-1); !errors.Is(err, ErrTooLong) || string(got) != "head" {
					t.Errorf("%s, %d bytes of %s where one less is allowed: %d, %v", name, n, kind, len(got), err)
				}
			}
		}
	}
}

func TestNothingIsAllowedToAFrameThatHoldsMuch(t *testing.T) {
	t.Parallel()
	var e Encoder
	var d Decoder
	for _, c := range []Codec{LZ4, Zstd} {
		if _, err := d.Append(nil, e.Append(nil, make([]byte, 1000), c), c, 0); !errors.Is(err, ErrTooLong) {
			t.Errorf("codec %d: %v", c, err)
		}
	}
}

func TestAZstandardFrameStatesItsLength(t *testing.T) {
	t.Parallel()
	var e Encoder
	for _, n := range []int{1, 100, 255, 256, 70_000, 5 << 20} {
		var h zstd.Header
		if err := h.Decode(e.Append(nil, make([]byte, n), Zstd)); err != nil || !h.HasFCS || h.FrameContentSize != uint64(n) {
			t.Errorf("%d bytes: %+v, %v", n, h, err)
		}
	}
}

func TestTheLibraryReadsOurFrames(t *testing.T) {
	t.Parallel()
	var e Encoder
	for kind, want := range contents(5 << 20) {
		got, err := io.ReadAll(lz4.NewReader(bytes.NewReader(e.Append(nil, want, LZ4))))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v", kind, len(got), err)
		}
	}
}

// libraryFrame packs with the library's writer.
func libraryFrame(t testing.TB, content []byte, options ...lz4.Option) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := lz4.NewWriter(&buf)
	if err := w.Apply(options...); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestFramesOfTheLibraryAreRead(t *testing.T) {
	t.Parallel()
	var d Decoder
	for name, options := range map[string][]lz4.Option{
		"plain":            {lz4.ChecksumOption(false)},
		"small blocks":     {lz4.BlockSizeOption(lz4.Block64Kb)},
		"block checksums":  {lz4.BlockChecksumOption(true), lz4.BlockSizeOption(lz4.Block64Kb)},
		"size":             {lz4.SizeOption(300_000)},
		"high compression": {lz4.CompressionLevelOption(lz4.Level9)},
	} {
		for kind, want := range contents(300_000) {
			got, err := d.Append(nil, libraryFrame(t, want, options...), LZ4, len(want))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s, %s: %d bytes, %v", name, kind, len(got), err)
			}
		}
	}
}

// TestLinkedBlocksReachBack reads blocks that copy from the ones before them,
// which the library cannot write.
func TestLinkedBlocksReachBack(t *testing.T) {
	t.Parallel()
	var e Encoder
	want := bytes.Repeat([]byte("abcdefgh"), 4)
	frame := e.Append(nil, want[:8], LZ4)[:6]
	frame[4] = lz4Version
	frame = append(frame, byte(xxh32(frame[4:6])>>8))
	frame = binary.LittleEndian.AppendUint32(frame, 8|lz4Stored)
	frame = append(frame, want[:8]...)
	// 0 literals, a match of 4+8 at distance 8, then 12 literals to the end.
	block := append([]byte{0x08, 8, 0, 0xC0}, want[20:32]...)
	frame = binary.LittleEndian.AppendUint32(frame, uint32(len(block)))
	frame = append(append(frame, block...), 0, 0, 0, 0)
	var d Decoder
	got, err := d.Append([]byte("zzzzzzzz"), frame, LZ4, 100)
	if err != nil || !bytes.Equal(got[8:], want) {
		t.Errorf("%q, %v", got, err)
	}
	frame[4] |= lz4Independent
	frame[6] = byte(xxh32(frame[4:6]) >> 8)
	if got, err := d.Append(nil, frame, LZ4, 100); err == nil {
		t.Errorf("an independent block reached back: %q", got)
	}
}

func TestACutFrameIsAnError(t *testing.T) {
	t.Parallel()
	var e Encoder
	var d Decoder
	content := contents(500)["text"]
	for _, c := range []Codec{LZ4, Zstd} {
		frame := e.Append(nil, content, c)
		for n := range frame {
			if got, err := d.Append(nil, frame[:n], c, 1000); err == nil {
				t.Errorf("codec %d, %d of %d bytes gave %d", c, n, len(frame), len(got))
			}
		}
	}
	if _, err := d.Append(nil, append(e.Append(nil, content, LZ4), 0), LZ4, 1000); err == nil {
		t.Error("a byte behind the frame was accepted")
	}
}

func TestAFlippedBitIsNoticed(t *testing.T) {
	t.Parallel()
	var e Encoder
	var d Decoder
	content := contents(300)["text"]
	for name, frame := range map[string][]byte{"ours": e.Append(nil, content, LZ4), "block checksums": libraryFrame(t, content,
		lz4.BlockChecksumOption(true), lz4.ChecksumOption(false))} {
		for i := range frame {
			for bit := range 8 {
				mutant := bytes.Clone(frame)
				mutant[i] ^= 1 << bit
				if got, err := d.Append(nil, mutant, LZ4, 1000); err == nil && !bytes.Equal(got, content) {
					t.Errorf("%s, byte %d bit %d: not noticed", name, i, bit)
				}
			}
		}
	}
}

func TestNothingIsAllocatedOnceTheMemoryIsThere(t *testing.T) {
	var e Encoder
	var d Decoder
	content := contents(100_000)["text"]
	for name, c := range codecs {
		var packed, unpacked []byte
		run := func() {
			packed = e.Append(packed[:0], content, c)
			unpacked, _ = d.Append(unpacked[:0], packed, c, len(content))
		}
		run()
		if n := testing.AllocsPerRun(20, run); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestAFrameThatClaimsMuchTakesNoMoreThanIsAllowed(t *testing.T) {
	var e Encoder
	zeros := make([]byte, 16<<20)
	var unsized bytes.Buffer
	w, err := zstd.NewWriter(&unsized)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := w.Write(zeros[:8<<20]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		frame []byte
		codec Codec
	}{
		"LZ4":                  {e.Append(nil, zeros, LZ4), LZ4},
		"Zstandard":            {e.Append(nil, zeros, Zstd), Zstd},
		"Zstandard of no size": {unsized.Bytes(), Zstd},
	} {
		var d Decoder
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := d.Append(nil, c.frame, c.codec, 1<<20)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; !errors.Is(err, ErrTooLong) || took > 4<<20 {
			t.Errorf("%s: %d bytes taken, %v", name, took, err)
		}
	}
}

func TestXXH32(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]uint32{ // xxhash_spec.md and the reference tool
		"": 0x02CC5D05, "a": 0x550D7456, "abc": 0x32D153FF, "Nobody inspects the spammish repetition": 0xE2293B2F,
	} {
		if got := xxh32([]byte(text)); got != want {
			t.Errorf("%q: %#x, want %#x", text, got, want)
		}
	}
}

func FuzzLZ4(f *testing.F)  { fuzz(f, LZ4) }
func FuzzZstd(f *testing.F) { fuzz(f, Zstd) }

func fuzz(f *testing.F, c Codec) {
	var e Encoder
	for _, n := range []int{0, 10, 500} {
		for _, content := range contents(n) {
			f.Add(e.Append(nil, content, c))
		}
	}
	var d Decoder
	f.Fuzz(func(t *testing.T, frame []byte) {
		for _, most := range []int{0, 1, 20, 1 << 16} {
			if got, err := d.Append(nil, frame, c, most); err == nil && len(got) > most {
				t.Fatalf("%d bytes where %d are allowed", len(got), most)
			}
		}
	})
}

func TestAZlibStreamIsUnpackedUpToItsBound(t *testing.T) {
	t.Parallel()
	var d Decoder
	for _, n := range []int{0, 1, 1000, 300000} {
		content := bytes.Repeat([]byte("event "), n)[:n]
		var b bytes.Buffer
		z := zlib.NewWriter(&b)
		_, _ = z.Write(content)
		_ = z.Close()
		for _, most := range []int{n, n + 7} {
			got, err := d.AppendZlib([]byte("before"), b.Bytes(), most)
			if err != nil || string(got) != "before"+string(content) {
				t.Errorf("%d bytes: %d unpacked, %v", n, len(got), err)
			}
		}
		if n > 0 {
			if got, err := d.AppendZlib([]byte("before"), b.Bytes(), n-1); !errors.Is(err, ErrTooLong) || string(got) != "before" {
				t.Errorf("%d bytes into one less: %v", n, err)
			}
		}
		for cut := 0; cut < b.Len(); cut += 1 + b.Len()/100 {
			if _, err := d.AppendZlib(nil, b.Bytes()[:cut], n); err == nil || errors.Is(err, io.EOF) && cut > 0 {
				t.Errorf("cut to %d of %d bytes: %v", cut, b.Len(), err)
			}
		}
	}
}

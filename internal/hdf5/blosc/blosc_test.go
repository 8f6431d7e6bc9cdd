package blosc

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"testing"
)

// sample is a chunk that C-Blosc wrote and what it holds.
type sample struct {
	name        string
	chunk, want []byte
}

// samples reads testdata/chunks.txt, whose first line says what it has.
func samples(t testing.TB) (all []sample) {
	t.Helper()
	f, err := os.Open("testdata/chunks.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		field := strings.Fields(lines.Text())
		if field[0] == "#" {
			continue
		}
		chunk, err := base64.StdEncoding.DecodeString(field[4])
		size, err2 := strconv.Atoi(field[2])
		n, err3 := strconv.Atoi(field[3])
		if err != nil || err2 != nil || err3 != nil {
			t.Fatal(err, err2, err3)
		}
		var want []byte
		for i := range n {
			var value [8]byte
			binary.LittleEndian.PutUint64(value[:], uint64(i*7/9%1000))
			want = append(want, value[:size]...)
		}
		all = append(all, sample{strings.Join(field[:4], " "), chunk, want})
	}
	return all
}

func TestWhatCBloscWroteIsUnpacked(t *testing.T) {
	t.Parallel()
	var d Decoder
	seen := map[byte]bool{}
	for _, s := range samples(t) {
		dst := make([]byte, len(s.want)+3)
		n, err := d.Decode(dst, s.chunk)
		if err != nil || !bytes.Equal(dst[:n], s.want) {
			t.Errorf("%s: %d of %d bytes: %v", s.name, n, len(s.want), err)
		}
		if _, err := d.Decode(dst[:len(s.want)-1], s.chunk); err == nil {
			t.Errorf("%s is unpacked into one byte less", s.name)
		}
		seen[s.chunk[2]] = true
	}
	if len(seen) < 12 {
		t.Errorf("flags %v: codecs or shufflings are missing", seen)
	}
}

func TestAChunkCutShortIsAnErrorAtEveryLength(t *testing.T) {
	t.Parallel()
	var d Decoder
	for _, s := range samples(t) {
		dst := make([]byte, len(s.want))
		for n := range s.chunk {
			if _, err := d.Decode(dst, s.chunk[:n]); err == nil {
				t.Fatalf("%s cut to %d of %d bytes is unpacked", s.name, n, len(s.chunk))
			}
			// One that lies about its own size gets further.
			cut := bytes.Clone(s.chunk[:n])
			if n >= headerSize {
				binary.LittleEndian.PutUint32(cut[12:], uint32(n))
				_, _ = d.Decode(dst, cut)
			}
		}
	}
}

func TestWhatIsNotReadIsNamed(t *testing.T) {
	t.Parallel()
	chunk := samples(t)[0].chunk
	for want, change := range map[string]func(b []byte){
		"version 5":      func(b []byte) { b[0] = 5 },
		"2 is Snappy":    func(b []byte) { b[2] = b[2]&31 | 2<<5 },
		"blocks of 0":    func(b []byte) { clear(b[8:12]) },
		"begins at byte": func(b []byte) { b[19] = 0x7f },
		"holds no":       func(b []byte) { b[8], b[9] = 1, 0 },
	} {
		b := bytes.Clone(chunk)
		change(b)
		var d Decoder
		if _, err := d.Decode(make([]byte, 4096), b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// The fast ways of small sizes do what the plain way does.
func TestEverySizeOfValueIsGathered(t *testing.T) {
	t.Parallel()
	for size := 1; size <= 17; size++ {
		for n := range 40 {
			src := make([]byte, size*n+size/2)
			for i := range src {
				src[i] = byte(i*131 + i>>3)
			}
			want, got := make([]byte, len(src)), make([]byte, len(src))
			unshuffleFrom(want, src, size, n, 0)
			copy(want[n*size:], src[n*size:])
			if Unshuffle(got, src, size); !bytes.Equal(got, want) {
				t.Fatalf("%d values of %d bytes", n, size)
			}
			if Shuffle(want, got, size); !bytes.Equal(want, src) {
				t.Fatalf("%d values of %d bytes, back again", n, size)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.chunk)
	}
	dst := make([]byte, 1<<16)
	f.Fuzz(func(t *testing.T, b []byte) {
		var d Decoder
		if n, err := d.Decode(dst, b); err == nil {
			if h, err := readHeader(b); err != nil || n != h.bytes {
				t.Errorf("%d bytes instead of %d: %v", n, h.bytes, err)
			}
		}
		if cap(d.block) > 2*len(dst) {
			t.Errorf("a block of %d bytes", cap(d.block))
		}
	})
}

func BenchmarkUnshuffle(b *testing.B) {
	src, dst := make([]byte, 1<<16), make([]byte, 1<<16)
	for _, size := range []int{2, 4, 8, 16} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				Unshuffle(dst, src, size)
			}
		})
	}
}

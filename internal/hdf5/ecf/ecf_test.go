package ecf

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// records makes n records: times step by up to step, a row lasts for up to row
// records, columns step by up to column, a polarity for up to flip records.
func records(n int, step, row, column, flip int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	var b []byte
	t, y, x, p := int64(1_000_000), 0, 0, 0
	for range n {
		if r.IntN(3) == 0 {
			t += int64(r.IntN(step + 1))
		}
		if r.IntN(row+1) == 0 {
			y, x = r.IntN(720), r.IntN(100)
		}
		if r.IntN(flip+1) == 0 {
			p ^= 1
		}
		x = (x + 1 + r.IntN(column+1)) % 1280
		b = binary.LittleEndian.AppendUint64(b, uint64(x)|uint64(y)<<16|uint64(p)<<32)
		b = binary.LittleEndian.AppendUint64(b, uint64(t))
	}
	return b
}

// samples has a chunk of each form, and what lies at their bounds.
func samples() map[string][]byte {
	same := records(maxEvents, 0, 1<<30, 0, 1<<30, 3)
	last := records(40, 3, 1, 1000, 1, 5)
	binary.LittleEndian.PutUint64(last[len(last)-RecordSize:], 2047|2047<<16|1<<32)
	binary.LittleEndian.PutUint64(last[len(last)-8:], 1<<62)
	return map[string][]byte{
		"one record": records(1, 1, 1, 1, 1, 1), "three records": records(3, 1, 1, 1, 1, 1), "five records": records(5, 20, 3, 1, 1, 1),
		"scattered": records(16384, 2, 0, 1000, 1, 2), "rows": records(16384, 30, 9, 300, 1, 2), "vectors": records(16384, 40, 20, 1, 40, 2),
		"all at one time": same, "up to the bounds": last,
	}
}

func TestWhatIsPackedIsUnpacked(t *testing.T) {
	t.Parallel()
	forms := map[byte]bool{}
	for name, src := range samples() {
		t.Run(name, func(t *testing.T) {
			if !Fits(src) {
				t.Fatal("does not fit")
			}
			packed := Encode(nil, src)
			forms[packed[0]&3] = true
			dst := make([]byte, len(src))
			n, err := Decode(dst, packed)
			if err != nil || n != len(src) || !bytes.Equal(dst, src) {
				t.Fatalf("%d bytes of %d: %v", n, len(src), err)
			}
		})
	}
	if len(forms) != 3 {
		t.Errorf("forms %v, want 0, 1 and 2", forms)
	}
}

// The bytes are worked out by hand from the layout in doc.go.
func TestAChunkWorkedOutByHand(t *testing.T) {
	t.Parallel()
	masks := []byte{
		4 << 2, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0,
		0x02, 0xf4, 0xf1, 0x31, 0x01, // two at 100, 20 and 3 later one, one more
		0xe3, 0x00, 0x41, 0x01, // row 7 three times, row 10 once
		0xb8, 0x0c, 0xa0, 0x00, // column 101, 102 and 103; column 5
		0x82, 0x02, // on, on, off, off
	}
	want := [][4]int64{{101, 7, 1, 100}, {102, 7, 1, 100}, {103, 7, 0, 123}, {5, 10, 0, 123}}
	xp := append(bytes.Clone(masks[:21]), 0xbc, 0x0c, 0x0c, 0x0c, 0x0a, 0x00)
	xp[0] |= formXP
	// 24 bits each: 0070cb 0070cd 0070ce 00a00a.
	yxp := append(bytes.Clone(masks[:17]), 0xcd, 0xcb, 0x70, 0x00, 0xce, 0x70, 0x70, 0x00, 0x0a, 0xa0, 0x00, 0x00)
	yxp[0] |= formYXP
	// 12 bits each: 0cb 0cd 0ce 00a.
	copy(xp[21:], []byte{0xbd, 0x0c, 0xce, 0x0c, 0x0a, 0x00})
	for name, packed := range map[string][]byte{"masks": masks, "x and polarity": xp, "all": yxp} {
		t.Run(name, func(t *testing.T) {
			dst := make([]byte, 4*RecordSize)
			if n, err := Decode(dst, packed); err != nil || n != len(dst) {
				t.Fatal(n, err)
			}
			for i, w := range want {
				address, at := record(dst, i*RecordSize)
				if got := [4]int64{int64(x(address)), int64(y(address)), int64(p(address)), at}; got != w {
					t.Errorf("record %d is %v, want %v", i, got, w)
				}
			}
		})
	}
}

func TestAChunkCutShortIsAnErrorAtEveryLength(t *testing.T) {
	t.Parallel()
	for name, src := range samples() {
		packed := Encode(nil, src)
		dst := make([]byte, len(src))
		step := 1 + len(packed)/500
		for n := 0; n < len(packed); n += step {
			if _, err := Decode(dst, packed[:n]); err == nil {
				t.Fatalf("%s cut to %d of %d bytes is unpacked", name, n, len(packed))
			}
		}
		if _, err := Decode(dst[:len(dst)-1], packed); err == nil {
			t.Errorf("%s is unpacked into too few bytes", name)
		}
	}
}

// TestADamagedChunkDoesNoHarm flips bits: a chunk has no sum, so that other
// records may come out, but never past the end of what is given.
func TestADamagedChunkDoesNoHarm(t *testing.T) {
	for name, src := range samples() {
		packed := Encode(nil, src)
		dst := make([]byte, len(src))
		step := 1 + len(packed)/300
		for i := 0; i < len(packed); i += step {
			for bit := range 8 {
				packed[i] ^= 1 << bit
				if n, err := Decode(dst, packed); err == nil && n > len(dst) {
					t.Fatalf("%s, byte %d: %d bytes in room for %d", name, i, n, len(dst))
				}
				packed[i] ^= 1 << bit
			}
		}
	}
}

func TestWhatDoesNotFitIsTold(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(b []byte){
		"a column of 2048": func(b []byte) { binary.LittleEndian.PutUint16(b[16:], 2048) },
		"a row of 2048":    func(b []byte) { binary.LittleEndian.PutUint16(b[18:], 2048) },
		"polarity -1":      func(b []byte) { binary.LittleEndian.PutUint16(b[20:], 0xffff) },
		"a step back":      func(b []byte) { binary.LittleEndian.PutUint64(b[24:], 1) },
	} {
		b := records(3, 1, 1, 1, 1, 1)
		if change(b); Fits(b) {
			t.Errorf("%s fits", name)
		}
	}
	if Fits(nil) || Fits(make([]byte, (maxEvents+1)*RecordSize)) {
		t.Error("no records, or too many, fit")
	}
}

func FuzzDecode(f *testing.F) {
	for _, src := range samples() {
		if len(src) <= 16384*RecordSize {
			f.Add(Encode(nil, src[:min(len(src), 400*RecordSize)]))
		}
	}
	dst := make([]byte, maxEvents*RecordSize)
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := Decode(dst, b)
		if err != nil || n == 0 || !Fits(dst[:n]) {
			return
		}
		again := make([]byte, n)
		if k, err := Decode(again, Encode(nil, dst[:n])); err != nil || k != n || !bytes.Equal(again, dst[:n]) {
			t.Errorf("packed again, %d of %d bytes: %v", k, n, err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"scattered", "rows", "vectors"} {
		src := samples()[name]
		packed, dst := Encode(nil, src), make([]byte, len(src))
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				if _, err := Decode(dst, packed); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*float64(len(src)/RecordSize)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

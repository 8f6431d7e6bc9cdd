package hdf5

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"testing"
)

// small is a short file of the kind that the writer makes.
func small() []byte {
	w := NewWriter(9)
	w.Root().Attr("a", Numbers(nil, []int64{1}))
	w.Root().Put("v", Numbers([]int{3}, []float32{1, 2, 3}))
	w.Root().Put("zeros", Numbers([]int{3000}, make([]float32, 3000)))
	w.Root().Group("g").Group("h").Put("s", Strings([]int{2}, []string{"ab", "c"}))
	var b bytes.Buffer
	_, _ = w.WriteTo(&b)
	return b.Bytes()
}

func samples() map[string][]byte {
	return map[string][]byte{"old format": small(), "modern format": modernSample()}
}

func TestATruncatedFileIsAnErrorAtEveryLength(t *testing.T) {
	t.Parallel()
	for name, b := range samples() {
		t.Run(name, func(t *testing.T) {
			if err := readAllOf(b); err != nil {
				t.Fatal(err)
			}
			for n := range b {
				err := readAllOf(b[:n])
				var located *Error
				if !errors.As(err, &located) || located.Path == "" {
					t.Fatalf("cut to %d of %d bytes: %v", n, len(b), err)
				}
			}
		})
	}
}

// A file that lies about its end gets further into the structures. What is
// left may be whole; it must not panic.
func TestATruncatedFileThatLiesAboutItsEndDoesNoHarm(t *testing.T) {
	t.Parallel()
	b := small()
	failed := 0
	for n := superblockSize; n < len(b); n++ {
		cut := bytes.Clone(b[:n])
		binary.LittleEndian.PutUint64(cut[40:], uint64(n))
		if readAllOf(cut) != nil {
			failed++
		}
	}
	if failed < len(b)/2 {
		t.Errorf("only %d of %d cuts were noticed", failed, len(b))
	}
}

func TestAFlippedBitDoesNoHarm(t *testing.T) {
	t.Parallel()
	for name, b := range samples() {
		t.Run(name, func(t *testing.T) {
			step := 5
			if os.Getenv("GANGLION_LONG") != "" {
				step = 1
			}
			for i := 0; i < len(b); i += step {
				for _, mask := range []byte{1, 0x10, 0x80, 0xff} {
					b[i] ^= mask
					_ = readAllOf(b)
					b[i] ^= mask
				}
			}
		})
	}
}

// patch changes the value of a dataset's message that follows a marker.
func patch(t *testing.T, b []byte, marker []byte, offset int, v uint64) []byte {
	t.Helper()
	i := bytes.Index(b, marker)
	if i < 0 {
		t.Fatalf("no %x in the file", marker)
	}
	b = bytes.Clone(b)
	binary.LittleEndian.PutUint64(b[i+offset:], v)
	return b
}

func TestMaliciousFilesCostLittleAndSayWhy(t *testing.T) {
	space3 := u64([]byte{1, 1, 0, 0, 0, 0, 0, 0}, 3) // the dataspace message of v
	space3000 := u64([]byte{1, 1, 0, 0, 0, 0, 0, 0}, 3000)
	b := small()
	f := open(t, b)
	g, err := f.Root().Group("g")
	if err != nil {
		t.Fatal(err)
	}
	cyclic := bytes.Clone(b) // g/h leads back to the root
	binary.LittleEndian.PutUint64(cyclic[g.links[0].at+8:], f.root.addr)
	self := bytes.Clone(b) // g/h is g
	binary.LittleEndian.PutUint64(self[g.links[0].at+8:], g.addr)
	for name, c := range map[string]struct {
		file []byte
		kind error
		want string
	}{
		"a group that holds the root":            {cyclic, errFormat, "/g/h at byte"},
		"a group that holds itself":              {self, errFormat, "cyclic link to /g"},
		"a shape above what is stored":           {patch(t, b, space3, 8, 4), errFormat, "/v at byte"},
		"a shape of a trillion":                  {patch(t, b, space3, 8, 1<<40), errFormat, "/v at byte"},
		"a shape of 2 to the 63":                 {patch(t, b, space3, 8, 1<<63), errLimit, "/v at byte"},
		"strings by the quintillion":             {patch(t, b, u64([]byte{1, 1, 0, 0, 0, 0, 0, 0}, 2), 8, 1<<60), errLimit, "/g/h/s at byte"},
		"a chunked shape of a trillion":          {patch(t, b, space3000, 8, 1<<40), errLimit, "/zeros at byte"},
		"a chunk larger than the shape declares": {deflateBomb(t, b), errLimit, "expands to more"},
		"a global heap elsewhere":                {patch(t, b, []byte("GCOL"), 8, 1<<50), errFormat, "/g/h/s at byte"},
		"an unallocated trillion":                {unallocated(t, b), errLimit, "/v at byte"},
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			cost := allocated(func() { err = readAllOf(c.file) })
			if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %v with %q", err, c.kind, c.want)
			}
			if limit := uint64(4*len(c.file) + slack); cost > limit {
				t.Errorf("cost %d bytes, limit %d", cost, limit)
			}
		})
	}
}

// deflateBomb makes the chunk of zeros shorter than what its bytes expand to.
func deflateBomb(t *testing.T, b []byte) []byte {
	b = patch(t, b, u64([]byte{1, 1, 0, 0, 0, 0, 0, 0}, 3000), 8, 1500)
	i := bytes.Index(b, u32([]byte{3, layoutChunked, 2}))
	binary.LittleEndian.PutUint32(b[i+11:], 1500)
	return b
}

// unallocated gives v a shape without stored values. Its layout message is
// the one of 12 bytes.
func unallocated(t *testing.T, b []byte) []byte {
	b = patch(t, b, u64([]byte{1, 1, 0, 0, 0, 0, 0, 0}, 3), 8, 1<<40)
	i := bytes.Index(b, u64([]byte{0, 0}, 12))
	return patch(t, b, b[i-6:i+10], 0, undefined)
}

func TestADeepNestIsRefused(t *testing.T) {
	t.Parallel()
	w := NewWriter(0)
	g := w.Root()
	for range maxDepth + 1 {
		g = g.Group("d")
	}
	if err := readAllOf(encode(t, w)); !errors.Is(err, errLimit) {
		t.Errorf("got %v, want %v", err, errLimit)
	}
}

func TestAWrongQuestionIsAnError(t *testing.T) {
	t.Parallel()
	r := open(t, small()).Root()
	v, err := r.Dataset("v")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		ask  func() error
		want error
	}{
		"strings of floats":    {func() error { _, err := v.Strings(); return err }, ErrType},
		"integers of floats":   {func() error { _, err := v.Int64s(); return err }, ErrType},
		"bools of floats":      {func() error { _, err := v.Bools(); return err }, ErrType},
		"a missing dataset":    {func() error { _, err := r.Dataset("none"); return err }, ErrNotFound},
		"a missing attribute":  {func() error { _, err := r.Attr("none"); return err }, ErrNotFound},
		"a dataset as a group": {func() error { _, err := r.Group("v"); return err }, ErrType},
		"a group as a dataset": {func() error { _, err := r.Dataset("g"); return err }, ErrType},
		"a file that is none":  {func() error { _, err := Open(strings.NewReader("no"), 2); return err }, errFormat},
		"an empty file":        {func() error { _, err := Open(strings.NewReader(""), 0); return err }, errFormat},
		"a size that is wrong": {func() error { _, err := Open(strings.NewReader("no"), 1<<31); return err }, errFormat},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.ask(); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

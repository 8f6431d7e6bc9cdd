package recording

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"testing"

	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

// The tests in this file run for every format in the table. What a format
// promises by itself is tested in its own folder.

// kit reads and writes every format of the table.
var kit = formattest.Kit{Formats: Formats(), Samples: formattest.Samples(), Unnamed: []string{"bs1"}}

func sample(tb testing.TB, f format.Format, n int) []byte {
	tb.Helper()
	return kit.Sample(tb, f, n)
}

func encode(tb testing.TB, name string, info format.Info, b *format.Block) []byte {
	tb.Helper()
	return kit.Encode(tb, name, info, b)
}

// decode reads a recording with blocks of the given size.
func decode(src io.Reader, o Options, block int) (formattest.Data, error) {
	r, err := NewReader(src, "bytes", o)
	if err != nil {
		return formattest.Data{}, err
	}
	return drain(r, block)
}

func drain(r *Reader, block int) (formattest.Data, error) {
	d, err := formattest.Drain(r, block)
	d.Info = r.Info
	return d, err
}

func mustDecode(tb testing.TB, data []byte, name string) formattest.Data {
	tb.Helper()
	d, err := decode(bytes.NewReader(data), Options{Format: name}, 4096)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func eachFormat(t *testing.T, test func(t *testing.T, f format.Format)) {
	for _, f := range Formats() {
		t.Run(f.Name, func(t *testing.T) {
			if !sampled(f) {
				t.Skip("only the format's own folder makes recordings of it")
			}
			test(t, f)
		})
	}
}

// sampled reports whether there are recordings of a format to test with.
func sampled(f format.Format) bool {
	_, ok := kit.Samples[f.Name]
	return ok || f.Writable()
}

func formatOf(tb testing.TB, name string) format.Format {
	tb.Helper()
	f, err := byName(name)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func TestAFormatIsRecognisedByItsContentWhateverItsName(t *testing.T) {
	t.Parallel()
	eachFormat(t, func(t *testing.T, f format.Format) {
		if slices.Contains(kit.Unnamed, f.Name) {
			t.Skip("only the name tells")
		}
		data := sample(t, f, 3000)
		for _, name := range []string{"", "x.raw", "x.es", "x.bin", "x.csv", "x.dat"} {
			r, err := NewReader(bytes.NewReader(data), name, Options{})
			if err != nil {
				t.Errorf("named %q: %v", name, err)
			} else if r.Info.Format != f.Name {
				t.Errorf("named %q: taken for %s", name, r.Info.Format)
			}
		}
	})
}

// FuzzDetect feeds bytes of no declared format.
func FuzzDetect(f *testing.F) {
	for _, kind := range Formats() {
		if sampled(kind) {
			f.Add(sample(f, kind, 20))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := formattest.ReadBounded(kit, data, ""); err != nil {
			t.Fatal(err)
		}
	})
}

const (
	evt2High    = 0x8
	evt3High    = 0x8
	evt3Payload = 1<<12 - 1

	evt3Head = "% evt 3.0\n% geometry 640x480\n% end\n"
)

// words3 makes an EVT3 recording of 640x480 from its words.
func words3(words ...uint16) []byte {
	b := []byte(evt3Head)
	for _, w := range words {
		b = binary.LittleEndian.AppendUint16(b, w)
	}
	return b
}

// words2 makes an EVT2 recording of 640x480 from its words.
func words2(words ...uint32) []byte {
	b := []byte("% evt 2.0\n% geometry 640x480\n% end\n")
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// hint names a format whose content does not.
func hint(f format.Format) string {
	if slices.Contains(kit.Unnamed, f.Name) {
		return f.Name
	}
	return ""
}

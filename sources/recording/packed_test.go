package recording

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func packedBy(w io.WriteCloser, buf *bytes.Buffer, data []byte) []byte {
	must(w.Write(data))
	must(0, w.Close())
	return buf.Bytes()
}

func gz(data []byte) []byte {
	var b bytes.Buffer
	return packedBy(gzip.NewWriter(&b), &b, data)
}

func zst(data []byte) []byte {
	var b bytes.Buffer
	return packedBy(must(zstd.NewWriter(&b)), &b, data)
}

// zipOf packs members: name, content, name, content, ...
func zipOf(method uint16, members ...any) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w := must(z.CreateHeader(&zip.FileHeader{Name: members[i].(string), Method: method}))
		must(w.Write(members[i+1].([]byte)))
	}
	must(0, z.Close())
	return b.Bytes()
}

// Packing of any kind around any format changes nothing, in a file or a pipe,
// also where the format is named.
func TestPackedRecordingsAreReadAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, f := range kit.Formats {
		data := kit.Sample(t, f, 700)
		want := kit.MustDecode(t, data, f.Name)
		name := "in" + f.Extensions[0]
		for kind, packed := range map[string][]byte{
			name + ".gz": gz(data), name + ".zst": zst(data), name + ".gz.zst": zst(gz(data)),
			"stored.zip":   zipOf(zip.Store, "notes/readme.md", []byte("no recording"), "a/"+name, data),
			"deflated.zip": zipOf(zip.Deflate, "a/"+name, data, "a/.DS_Store", data),
			"of-gzip.zip":  zipOf(zip.Store, name+".gz", gz(data)),
		} {
			path := filepath.Join(t.TempDir(), kind)
			if err := os.WriteFile(path, packed, 0o600); err != nil {
				t.Fatal(err)
			}
			for how, open := range map[string]func(o Options) (*Reader, error){
				"file": func(o Options) (*Reader, error) { return Open(path, o) },
				"pipe": func(o Options) (*Reader, error) {
					return NewReader(iotest.HalfReader(bytes.NewReader(packed)), kind, o)
				},
			} {
				for _, from := range []string{"", f.Name} {
					if f.Name == "npz" && strings.HasSuffix(kind, ".zip") && from != "" {
						continue // the archive is then taken for the format's own
					}
					if f.Name == "npy" && kind == "deflated.zip" && from == "" {
						continue // an archive that begins with an array is NumPy's
					}
					if f.Name == "bs1" && from == "" && kind != name+".gz" {
						continue // only the name tells
					}
					r, err := open(Options{Format: from, Parallel: true})
					if err != nil {
						t.Errorf("%s, %s, --from %q: %v", kind, how, from, err)
						continue
					}
					got, err := formattest.Drain(r, 300)
					if err != nil || len(got.Damage) != len(want.Damage) || r.Info.Format != f.Name && from != "" || r.Info.Packed == "" {
						t.Errorf("%s, %s, --from %q: %v, damage %v, %s, packed %q", kind, how, from, err, got.Damage, r.Info.Format, r.Info.Packed)
					}
					if diff := formattest.DiffEvents(want.Events, got.Events); diff != "" {
						t.Errorf("%s, %s, --from %q: -want +got:\n%s", kind, how, from, diff)
					}
					must(0, r.Close())
				}
			}
		}
	}
}

// Cut anywhere, a packed recording gives what comes before, and says so.
func TestPackingThatIsCutOrDamagedIsCounted(t *testing.T) {
	t.Parallel()
	events := formattest.Events(2000)
	data := encode(t, "evt3", formattest.Info, &format.Block{Events: events})
	for name, packed := range map[string][]byte{"gzip": gz(data), "zstd": zst(data)} {
		for n := range packed {
			r, err := NewReader(bytes.NewReader(packed[:n]), name, Options{})
			if err != nil {
				continue // too little to see what it is
			}
			got, err := formattest.Drain(r, 300)
			k := len(got.Events)
			if err != nil || k > len(events) || formattest.DiffEvents(events[:k], got.Events) != "" || len(got.Damage) == 0 {
				t.Fatalf("%s, first %d of %d bytes: %v, %d events, damage %v", name, n, len(packed), err, k, got.Damage)
			}
			must(0, r.Close())
		}
		broken := bytes.Clone(packed)
		broken[len(broken)-6] ^= 0x55 // the sum
		r, err := NewReader(bytes.NewReader(broken), name, Options{})
		if name == "zstd" { // which checks the sum of this one block first
			if err == nil || !strings.Contains(err.Error(), "inside Zstandard: cannot be unpacked: ") {
				t.Errorf("error %v", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := formattest.Drain(r, 300)
		if c := formattest.DamageCounts(got.Damage); err != nil || c["broken_packing"] != 1 || len(got.Events) != len(events) {
			t.Errorf("%s: %v, %d events, damage %v", name, err, len(got.Events), got.Damage)
		}
	}
}

func TestAZipWithSeveralRecordingsAsksForOne(t *testing.T) {
	t.Parallel()
	a := encode(t, "evt3", formattest.Info, &format.Block{Events: formattest.Events(300)})
	b := encode(t, "evt2", formattest.Info, &format.Block{Events: formattest.Events(500)})
	packed := zipOf(zip.Deflate, "x/left.raw", a, "x/right.raw", b, "calibration.yaml", []byte("a: 1\n"))
	_, err := NewReader(bytes.NewReader(packed), "two.zip", Options{})
	if err == nil || !strings.Contains(err.Error(), "x/left.raw (evt3), x/right.raw (evt2)") || strings.Contains(err.Error(), "calib") {
		t.Errorf("error %v", err)
	}
	for stream, want := range map[string]int{"x/left.raw": 300, "right.raw": 500} {
		r, err := NewReader(bytes.NewReader(packed), "two.zip", Options{Stream: stream})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := formattest.Drain(r, 300); err != nil || len(got.Events) != want {
			t.Errorf("%s: %v, %d events", stream, err, len(got.Events))
		}
	}
	_, err = NewReader(bytes.NewReader(packed), "two.zip", Options{Stream: "up.raw"})
	if err == nil || !strings.Contains(err.Error(), "right.raw") {
		t.Errorf("error %v", err)
	}
	none := zipOf(zip.Store, "readme.md", []byte("words\n"), "p.png", []byte("\x89PNG\r\n\x1a\n"))
	if _, err = NewReader(bytes.NewReader(none), "none.zip", Options{}); err == nil || !strings.Contains(err.Error(), "readme.md, p.png") {
		t.Errorf("error %v", err)
	}
}

// A little that unpacks to very much takes no memory.
func TestWhatIsUnpackedIsNotHeld(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long, in one goroutine")
	}
	head := encode(t, "evt3", formattest.Info, &format.Block{Events: formattest.Events(10)})
	for name, packed := range map[string][]byte{
		"gzip": gz(append(head, make([]byte, 60<<20)...)), "zstd": zst(append(head, make([]byte, 60<<20)...)),
		"zip": zipOf(zip.Deflate, "a.raw", append(head, make([]byte, 60<<20)...)),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r := must(NewReader(bytes.NewReader(packed), name, Options{}))
		got, err := formattest.Drain(r, 300)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; err != nil || len(got.Events) != 10 || took > 20<<20 {
			t.Errorf("%s: %v, %d events, %d bytes of memory", name, err, len(got.Events), took)
		}
		must(0, r.Close())
	}
}

// npy is an array of numbers.
func npy(descr, shape string, values ...float64) []byte {
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, shape)
	head += strings.Repeat(" ", 117-len(head)) + "\n"
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(head)), 0)
	b = append(b, head...)
	for _, v := range values {
		switch descr {
		case "<f8":
			b = le64(b, math.Float64bits(v))
		case "|b1":
			b = append(b, byte(v))
		default:
			b = append(b, byte(v), byte(int(v)>>8))
		}
	}
	return b
}

func le64(b []byte, v uint64) []byte {
	for range 8 {
		b, v = append(b, byte(v)), v>>8
	}
	return b
}

func TestAFolderOfPartsIsARecording(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Open(dir, Options{})
	if err == nil || !strings.Contains(err.Error(), "it holds nothing") {
		t.Errorf("error %v", err)
	}
	write("metadata.json", []byte("{}\n"))
	write("events_ts.npy", npy("<f8", "(3,)", 0.5, 0.500001, 0.75))
	write("events_xy.npy", npy("<u2", "(3, 2)", 10, 20, 11, 21, 300, 200))
	_, err = Open(dir, Options{})
	if err == nil || !strings.Contains(err.Error(), "events_p.npy is missing: it holds events_ts.npy, events_xy.npy, metadata.json") {
		t.Errorf("error %v", err)
	}
	write("events_p.npy", npy("|b1", "(3,)", 1, 0, 1))
	want := []pipeline.Event{{T: 500_000, X: 10, Y: 20, P: 1}, {T: 500_001, X: 11, Y: 21}, {T: 750_000, X: 300, Y: 200, P: 1}}
	r, err := Open(dir, Options{Columns: "t[s],x,y,p"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := formattest.Drain(r, 100)
	if diff := formattest.DiffEvents(want, got.Events); diff != "" || err != nil || len(got.Damage) > 0 {
		t.Errorf("%v, damage %v, -want +got:\n%s", err, got.Damage, diff)
	}
	must(0, r.Close())
	for _, name := range []string{"events_xy.npy", "events_p.npy"} { // as EV-IMO 2's
		if err := os.Rename(filepath.Join(dir, name), filepath.Join(dir, "dataset_"+name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(filepath.Join(dir, "events_ts.npy"), filepath.Join(dir, "dataset_events_t.npy")); err != nil {
		t.Fatal(err)
	}
	if r, err = Open(dir, Options{Columns: "t[s],x,y,p"}); err != nil {
		t.Fatal(err)
	}
	got, err = formattest.Drain(r, 100)
	if diff := formattest.DiffEvents(want, got.Events); diff != "" || err != nil || len(got.Damage) > 0 {
		t.Errorf("%v, damage %v, -want +got:\n%s", err, got.Damage, diff)
	}
	must(0, r.Close())
	for name, size := range map[string]int64{"dataset_events_t.npy": 3 << 30, "dataset_events_xy.npy": 2 << 30} { // which take no room
		if err := os.Truncate(filepath.Join(dir, name), size); err != nil {
			t.Fatal(err)
		}
	}
	_, err = Open(dir, Options{})
	if err == nil || !strings.Contains(err.Error(), "longer than 4 GiB up to the end of dataset_events_xy.npy") {
		t.Errorf("error %v", err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "a.raw"), encode(t, "evt3", formattest.Info, &format.Block{}), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = Open(other, Options{}); err == nil || !strings.Contains(err.Error(), "name one of the recordings in it: a.raw") {
		t.Errorf("error %v", err)
	}
}

// A file that was made to fill a disk ends in an error, before it has.
func TestWhatUnpacksWithoutEndIsRefused(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes long, in one goroutine")
	}
	head := encode(t, "evt3", formattest.Info, &format.Block{Events: formattest.Events(10)})
	long := func(mib int) []byte { return append(head[:len(head):len(head)], make([]byte, mib<<20)...) }
	for name, c := range map[string]struct {
		data  []byte
		bombs bool
	}{
		"gzip in gzip":      {gz(gz(long(80))), true},
		"Zstandard":         {zst(long(80)), true},
		"gzip in a ZIP":     {zipOf(zip.Deflate, "a.raw.gz", gz(long(80))), true},
		"a small recording": {gz(gz(long(4))), false},
	} {
		r, err := NewReader(bytes.NewReader(c.data), name, Options{})
		if err != nil {
			t.Fatal(name, err)
		}
		_, err = formattest.Drain(r, 300)
		if bombed := err != nil && strings.Contains(err.Error(), "no recording packs so well"); bombed != c.bombs || err != nil && !bombed {
			t.Errorf("%s, %d bytes: %v", name, len(c.data), err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

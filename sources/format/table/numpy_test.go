package table

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
)

// npyFile makes an array from its header's dict and its bytes.
func npyFile(dict string, records ...byte) []byte {
	b := append([]byte(npyMagic), 1, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(dict)))
	return append(append(b, dict...), records...)
}

// npyDict is a header's dict.
func npyDict(descr, shape string) string {
	return fmt.Sprintf("{'descr': %s, 'fortran_order': False, 'shape': %s, }", descr, shape)
}

// member is a file in an archive.
type member struct {
	name string
	data []byte
}

// npzFile makes an archive, deflated.
func npzFile(t testing.TB, members ...member) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, m := range members {
		f, err := w.Create(m.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(m.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestNumPyArrays(t *testing.T) {
	t.Parallel()
	e := []pipeline.Event{{T: 1000, X: 3, Y: 5, P: 1}, {T: 2000, X: 4, Y: 6, P: 0}}
	column := func(kind string, values ...byte) []byte { return npyFile(npyDict("'"+kind+"'", "(2,)"), values...) }
	x, y, p := member{"x.npy", column("|u1", 3, 4)}, member{"y.npy", column("|u1", 5, 6)}, member{"p.npy", column("|b1", 1, 0)}
	for _, c := range []formattest.Case{
		{
			Name: "fields come in any order and of any integer type",
			Data: npyFile(npyDict("[('x', '<u2'), ('y', '|i1'), ('timestamp', '<u4'), ('polarity', '<i4')]", "(2,)"),
				3, 0, 5, 0xE8, 3, 0, 0, 1, 0, 0, 0, 4, 0, 6, 0xD0, 7, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF),
			Events: e,
		}, {
			Name: "big-endian fields, padding and strings between them are fine",
			Data: npyFile(npyDict(`[("y", ">u2"), ("", "|V3"), ("t", ">i8"), ("note", "<U1"), ("p", "|b1"), ("x", ">i2"), ("more", "<f4", (2, 2))]`,
				"(2,)"),
				append(append([]byte{0, 5, 9, 9, 9, 0, 0, 0, 0, 0, 0, 3, 0xE8, 'a', 0, 0, 0, 1, 0, 3}, make([]byte, 16)...),
					append([]byte{0, 6, 9, 9, 9, 0, 0, 0, 0, 0, 0, 7, 0xD0, 'b', 0, 0, 0, 0, 0, 4}, make([]byte, 16)...)...)...),
			Events: e,
		}, {
			Name: "of polarities 1 and 2 the greater is ON, also in the types that most files have",
			Data: npyFile(npyDict("[('t', '<i8'), ('x', '<u2'), ('y', '<u2'), ('p', '|u1')]", "(2,)"),
				0xD0, 7, 0, 0, 0, 0, 0, 0, 4, 0, 6, 0, 1, 0xB8, 11, 0, 0, 0, 0, 0, 0, 3, 0, 5, 0, 2),
			Events: []pipeline.Event{{T: 2000, X: 4, Y: 6, P: 0}, {T: 3000, X: 3, Y: 5, P: 1}},
		}, {
			Name:   "a time may have a unit",
			Data:   npyFile(npyDict("[('t_ms', '|u1'), ('x', '|u1'), ('y', '|u1'), ('p', '|u1')]", "(2,)"), 1, 3, 5, 1, 2, 4, 6, 0),
			Events: e,
		}, {
			Name:   "the columns of rows are told by their values",
			Data:   npyFile(npyDict("'<i2'", "(2, 4)"), 3, 0, 5, 0, 1, 0, 0xE8, 3, 4, 0, 6, 0, 0, 0, 0xD0, 7),
			Events: e,
		}, {
			Name: "a negative address is counted and left out, one outside nothing is read",
			Data: npyFile(npyDict("[('t', '|u1'), ('x', '<i4'), ('y', '<i8'), ('p', '|u1')]", "(2,)"),
				1, 0xFF, 0xFF, 0xFF, 0xFF, 5, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 1),
			Events: []pipeline.Event{{T: 2, X: 4, Y: 6, P: 1}},
			Damage: map[string]uint64{"out_of_range_x": 1},
		}, {
			Name:   "records that are missing are counted",
			Data:   npyFile(npyDict("[('t', '|u1'), ('x', '|u1'), ('y', '|u1'), ('p', '|u1')]", "(3,)"), 1, 3, 5, 1),
			Events: []pipeline.Event{{T: 1, X: 3, Y: 5, P: 1}},
			Damage: map[string]uint64{"record_count": 2},
		}, {
			Name:   "records beyond the number in the header are read",
			Data:   npyFile(npyDict("[('t', '|u1'), ('x', '|u1'), ('y', '|u1'), ('p', '|u1')]", "(0,)"), 1, 3, 5, 1, 9),
			Events: []pipeline.Event{{T: 1, X: 3, Y: 5, P: 1}},
			Damage: map[string]uint64{"record_count": 1, "truncated": 1},
		}, {
			Name:   "an archive may hold a column an array",
			Data:   npzFile(t, member{"readme.txt", []byte("hello")}, x, member{"t.npy", column("<u2", 0xE8, 3, 0xD0, 7)}, p, y),
			Events: e,
		}, {
			Name: "an archive may hold one array of records",
			Data: npzFile(t, member{"size.npy", npyFile(npyDict("'<i8'", "()"), 1, 0, 0, 0, 0, 0, 0, 0)}, x,
				member{"ev.npy", npyFile(npyDict("[('t', '<u2'), ('x', '|u1'), ('y', '|u1'), ('p', '|u1')]", "(2,)"), 0xE8, 3, 3, 5, 1, 0xD0, 7, 4, 6,
					0)}),
			Events: e,
		}, {
			Name:   "columns of different length give the events that all have",
			Data:   npzFile(t, x, y, p, member{"t.npy", npyFile(npyDict("'<u2'", "(1,)"), 0xE8, 3)}),
			Events: e[:1],
			Damage: map[string]uint64{"record_count": 3},
		}, {
			Name:   "a column that is shorter than it says is counted",
			Data:   npzFile(t, x, y, p, member{"t.npy", column("<u2", 0xE8, 3)}),
			Events: e[:1],
			Damage: map[string]uint64{"record_count": 4},
		},
	} {
		t.Run(c.Name, func(t *testing.T) { c.Check(t, kit) })
	}
}

func TestColumnsOfRowsCanBeNamed(t *testing.T) {
	t.Parallel()
	data := npyFile(npyDict("'|u1'", "(2, 5)"), 7, 1, 3, 5, 2, 7, 0, 4, 6, 1)
	got, err := kit.Decode(bytes.NewReader(data), formattest.Options{Columns: "-,p,x,y,t[ms]"}, 64)
	if err != nil {
		t.Fatal(err)
	}
	want := []pipeline.Event{{T: 2000, X: 3, Y: 5, P: 1}, {T: 1000, X: 4, Y: 6}}
	if diff := cmp.Diff(want, got.Events); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestADamagedMemberIsCounted(t *testing.T) {
	t.Parallel()
	data := kit.Encode(t, "npz", formattest.Info, &format.Block{Events: formattest.Events(1000)})
	data[npzBefore+npyHeaderSize+13*500] ^= 1
	got := kit.MustDecode(t, data, "")
	if diff := cmp.Diff(map[string]uint64{"bad_member": 1}, formattest.DamageCounts(got.Damage)); diff != "" || len(got.Events) != 1000 {
		t.Errorf("%d events, damage: -want +got:\n%s", len(got.Events), diff)
	}
}

func TestArraysThatHoldNoEventsAreRefusedWithAReason(t *testing.T) {
	t.Parallel()
	fields := func(t string) string { return "[('t', '" + t + "'), ('x', '<u2'), ('y', '<u2'), ('p', '|u1')]" }
	var many []member
	for i := range npzMembers + 1 {
		many = append(many, member{fmt.Sprint(i, ".npy"), npyFile(npyDict("'|u1'", "(0,)"))})
	}
	for want, data := range map[string][]byte{
		"does not begin with":                        []byte(npyMagic),
		"ends at byte 18 of 310":                     append([]byte(npyMagic), 1, 0, 44, 1, '{', '}', ' ', ' ', ' ', ' ', ' ', ' '),
		"version 9":                                  append([]byte(npyMagic), 9, 0, 44, 1, 0, 0),
		"with 4294967295 bytes":                      append([]byte(npyMagic), 2, 0, 255, 255, 255, 255),
		"is not a Python literal: it ends early":     npyFile("{'descr': "),
		"a comma or bracket is missing":              npyFile("{'descr' 'x'}"),
		"it is nested deeper than 8":                 npyFile(strings.Repeat("[", 20)),
		"is not a Python literal: string":            npyFile(`{'a\'`),
		"\"}\" follows it":                           npyFile("{}}"),
		`column "t" has kind 'c'`:                    npyFile(npyDict(fields("<c8"), "(0,)")),
		`column "t" is 3 bytes wide`:                 npyFile(npyDict(fields("<i3"), "(0,)")),
		`field "t" holds values of type "<i-1"`:      npyFile(npyDict(fields("<i-1"), "(0,)")),
		`field "t" holds values of type "<i9999999"`: npyFile(npyDict(fields("<i9999999"), "(0,)")),
		"do not name t, x, y and p once each":        npyFile(npyDict("[('a', '<i8')]", "(0,)")),
		`field "q" is an array of records`:           npyFile(npyDict("[('q', [('t', '<i8')], (2,))]", "(0,)")),
		`field "q" is longer than 65536 bytes`:       npyFile(npyDict("[('q', '<i8', (99999, 99999))]", "(0,)")),
		"records longer than 65536 bytes":            npyFile(npyDict("[('q', '|V60000'), ('r', '|V60000')]", "(0,)")),
		"shape with 2 axes":                          npyFile(npyDict(fields("<i8"), "(2, 2)")),
		"shape with 3 axes":                          npyFile(npyDict("'|u1'", "(2, 4, 4)")),
		"shape with 0 axes":                          npyFile(npyDict("'|u1'", "5")),
		"3 columns":                                  npyFile(npyDict("'|u1'", "(2, 3)")),
		"one column where t, x, y and p are needed":  npyFile(npyDict("'|u1'", "(2,)")),
		"name the columns":                           npyFile(npyDict("'|u1'", "(3, 4)"), 9, 9, 9, 9, 1, 1, 1, 1, 9, 9, 9, 9),
		"more than 64 members":                       npzFile(t, many...),
		"a.npy: does not begin with":                 npzFile(t, member{"a.npy", []byte("no array")}),
		`columns "a" do not name t, x, y and p once`: npzFile(t, member{"a.npy", npyFile(npyDict("'|u1'", "(2,)"))}),
		"zip: not a valid zip file":                  []byte("PK\x03\x04................\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00a.npy"),
		"a field without name and type":              npyFile(npyDict("['x']", "(2,)")),
		"records of 0 bytes":                         npyFile(npyDict("[]", "(2,)")),
	} {
		_, err := kit.NewReader(bytes.NewReader(data), "bytes", formattest.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestAnArrayNeedsAFileToBeWrittenTo(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"npy", "npz"} {
		if _, err := kit.NewWriter(&bytes.Buffer{}, "pipe", kind, format.Info{}); err == nil || !strings.Contains(err.Error(), "needs a file") {
			t.Errorf("%s: error %v", kind, err)
		}
	}
}

func TestColumnsHoldNothingBesideTheEvents(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"npy", "npz", "arrow", "arrow-stream"} {
		w, err := kit.NewWriter(formattest.DiscardFile{}, "discard", kind, formattest.Info)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.WriteBlock(&format.Block{Side: []format.Side{{Kind: format.Trigger},
			{Kind: format.IMUSample, IMU: &format.IMU{}}}}); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]uint64{"trigger": 1, "imu": 1}, formattest.DamageCounts(w.Lost())); diff != "" {
			t.Errorf("%s: -want +got:\n%s", kind, diff)
		}
	}
}

func TestChecksumsOfPiecesCombine(t *testing.T) {
	t.Parallel()
	data := []byte(strings.Repeat("the way of an event ", 500))
	for _, n := range []int{0, 1, 7, 192, 5000, len(data)} {
		first, second := crc32.ChecksumIEEE(data[:n]), crc32.ChecksumIEEE(data[n:])
		if got := combineCRC(first, second, int64(len(data)-n)); got != crc32.ChecksumIEEE(data) {
			t.Errorf("cut at %d: %#x", n, got)
		}
	}
}

// TestLargeArchivesHave64BitSizes looks at the end of an archive without
// writing its 5 GB.
func TestLargeArchivesHave64BitSizes(t *testing.T) {
	t.Parallel()
	e := &npzEncoder{rows: 400_000_000}
	end := e.end(nil)
	fixed := end[bytes.Index(end, []byte(zipEnd64)):]
	if got := binary.LittleEndian.Uint64(fixed[48:]); got != uint64(npzBefore)+e.size() {
		t.Errorf("the index is said to be at %d", got)
	}
	r, err := zip.NewReader(sparse{end, int64(npzBefore) + int64(e.size())}, int64(npzBefore)+int64(e.size())+int64(len(end)))
	if err != nil || len(r.File) != 1 || r.File[0].UncompressedSize64 != e.size() {
		t.Errorf("%v, %+v", err, r)
	}
}

// sparse is a file of zeros, but for its end.
type sparse struct {
	end []byte
	at  int64
}

func (s sparse) ReadAt(p []byte, at int64) (int, error) {
	clear(p)
	if skip := s.at - at; skip < int64(len(p)) {
		copy(p[max(skip, 0):], s.end[max(-skip, 0):])
	}
	return len(p), nil
}

// python finds an interpreter with NumPy.
var python = sync.OnceValue(func() string {
	for _, python := range []string{os.Getenv("GANGLION_PYTHON"), "python3", "/usr/bin/python3"} {
		if python != "" && exec.Command(python, "-c", "import numpy").Run() == nil {
			return python
		}
	}
	return ""
})

func runPython(t *testing.T, script string, args ...string) []byte {
	t.Helper()
	if python() == "" {
		t.Skip("no Python with NumPy (Debian: python3-numpy); GANGLION_PYTHON may name one")
	}
	out, err := exec.Command(python(), append([]string{"-c", script}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return out
}

func TestNumPyReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	events := formattest.Events(3000)
	events[2999].T = math.MaxInt64
	var want [4][]int64
	for _, e := range events {
		for i, v := range []int64{e.T, int64(e.X), int64(e.Y), int64(e.P)} {
			want[i] = append(want[i], v)
		}
	}
	dir := t.TempDir()
	for name, load := range map[string]string{"a.npy": "numpy.load(sys.argv[1])", "a.npz": "numpy.load(sys.argv[1])['events']"} {
		path := filepath.Join(dir, name)
		data := kit.Encode(t, name[2:], formattest.Info, &format.Block{Events: events})
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		out := runPython(t, "import sys, json, numpy; a = "+load+"; print(json.dumps([a[k].tolist() for k in 'txyp']))", path)
		var got [4][]int64
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -written +read:\n%s", name, diff)
		}
	}
}

func TestWhatNumPyWritesIsRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	runPython(t, `
import sys, numpy
d = sys.argv[1]
n = 1000
t, x, y, p = numpy.arange(n) * 7, numpy.arange(n) % 240, numpy.arange(n) % 180, numpy.arange(n) % 2
def records(*types):
    a = numpy.zeros(n, dtype=types[0] if len(types) == 1 else list(types))
    a['t'], a['x'], a['y'], a['p'] = t, x, y, p
    return a
numpy.save(d + '/packed.npy', records(('t', '<i8'), ('x', '<u2'), ('y', '<u2'), ('p', '?')))
numpy.save(d + '/aligned.npy', records(numpy.dtype([('x', 'u2'), ('p', 'u1'), ('t', 'i8'), ('y', 'i4')], align=True)))
numpy.save(d + '/swapped.npy', records(('y', '>i4'), ('x', '>u2'), ('p', 'i1'), ('t', '>u8')))
numpy.save(d + '/rows.npy', numpy.stack([t, x, y, p], axis=1))
numpy.savez(d + '/columns.npz', t=t, x=x.astype('u2'), y=y.astype('i2'), p=p.astype(bool))
numpy.savez_compressed(d + '/deflated.npz', x=x, y=y, p=p, t=t)
def deep(dtype, put):
    a = numpy.zeros(n, dtype=dtype)
    a['t'], a['p'] = t, p
    put(a)
    return a
def within(a): a['pixel']['x'], a['pixel']['y'] = x, y
def pair(a): a['xy'] = numpy.stack([x, y], axis=1)
numpy.save(d + '/within.npy', deep([('spare', '<f4', (3,)), ('pixel', [('x', '<u2'), ('y', '>i4')]), ('t', '<i8'), ('p', 'u1')], within))
numpy.save(d + '/pair.npy', deep([('t', '<i8'), ('xy', '>i2', (2,)), ('p', 'i1')], pair))
numpy.savez(d + '/records.npz', records(('t', '<i8'), ('x', '<u2'), ('y', '<u2'), ('p', 'i1')))
`, dir)
	files, err := filepath.Glob(filepath.Join(dir, "*.np?"))
	if err != nil || len(files) != 9 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		r, err := kit.Open(file)
		if err != nil {
			t.Error(err)
			continue
		}
		got, err := formattest.Drain(r, 512)
		if err != nil || len(got.Damage) > 0 || len(got.Events) != 1000 {
			t.Errorf("%s: %d events, damage %v, %v", file, len(got.Events), got.Damage, err)
		}
		for i, e := range got.Events {
			if want := (pipeline.Event{T: int64(i) * 7, X: uint16(i % 240), Y: uint16(i % 180), P: uint8(i % 2)}); e != want {
				t.Errorf("%s: event %d is %v, want %v", file, i, e, want)
				break
			}
		}
		r.Close()
	}
}

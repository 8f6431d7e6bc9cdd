package aedat

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/internal/shareddata"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
)

// DV itself cannot be had in a test. What stands for it are its own rules: the
// verifiers that flatc generates and the reference libraries of LZ4 and
// Zstandard, used in the way of dv-processing (.ci/aedat4), the rules of its
// XML reader, and a file that DV wrote.

// dvCheck builds the program that reads as dv-processing does.
func dvCheck(t *testing.T) (check string) {
	t.Helper()
	source, err := filepath.Abs(filepath.Join("..", "..", "..", ".ci", "aedat4"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"flatc", "g++"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed (Debian: flatbuffers-compiler libflatbuffers-dev liblz4-dev libzstd-dev g++)", tool)
		}
	}
	dir := t.TempDir()
	if out, err := exec.Command("flatc", "--cpp", "-o", dir, filepath.Join(source, "aedat4.fbs")).CombinedOutput(); err != nil {
		t.Fatalf("flatc: %v\n%s", err, out)
	}
	check = filepath.Join(dir, "check")
	if out, err := exec.Command("g++", "-std=c++17", "-O1", "-I", dir, filepath.Join(source, "check.cc"), "-llz4", "-lzstd", "-o",
		check).CombinedOutput(); err != nil {
		if bytes.Contains(out, []byte("No such file")) || bytes.Contains(out, []byte("cannot find")) {
			t.Skipf("a library is not installed (Debian: libflatbuffers-dev liblz4-dev libzstd-dev):\n%s", out)
		}
		t.Fatalf("g++: %v\n%s", err, out)
	}
	return check
}

// dvStreams is what the program says of the streams of a file.
func dvStreams(t *testing.T, check string, data []byte) (lines []string, err error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a.aedat4")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(check, file).Output()
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "stream") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines, err
}

// dvSum is the sum of the program, over the numbers of a stream's elements.
type dvSum struct {
	id          int
	kind        string
	n           int
	first, last int64
	sum         uint64
}

func (s *dvSum) add(t int64, values ...uint64) {
	if s.n == 0 {
		s.first = t
	}
	s.n, s.last = s.n+1, t
	s.sum = s.sum*31 + uint64(t)
	for _, v := range values {
		s.sum = s.sum*31 + v
	}
}

func (s *dvSum) String() string {
	return fmt.Sprintf("stream %d %s %d %d %d %d", s.id, s.kind, s.n, s.first, s.last, s.sum)
}

// dvExpected is what the program must say of a block.
func dvExpected(b *format.Block) (lines []string) {
	sums := make([]*dvSum, len(aedat4Streams))
	for id, s := range aedat4Streams {
		sums[id] = &dvSum{id: id, kind: s.kind}
	}
	for _, e := range b.Events {
		sums[aedat4EventStream].add(e.T, uint64(e.X), uint64(e.Y), uint64(e.P))
	}
	for _, s := range b.Side {
		switch s.Kind {
		case format.Trigger:
			source := uint64(s.Code &^ aedat4Source)
			if s.Code == 0 {
				source = aedat4Falling - s.Value
			}
			sums[aedat4TriggerStream].add(s.T, source)
		case format.IMUSample:
			m, v := s.IMU, []uint64(nil)
			for _, f := range append(append(append([]float32{m.Temperature}, m.Accel[:]...), m.Gyro[:]...), m.Mag[:]...) {
				v = append(v, uint64(math.Float32bits(f)))
			}
			sums[aedat4IMUStream].add(s.T, v...)
		case format.FrameImage:
			f := s.Frame
			v := []uint64{uint64(f.Start), uint64(f.End), uint64(f.ExposureStart), uint64(f.ExposureEnd), uint64(f.PixelFormat)}
			v = append(v, uint64(f.Width), uint64(f.Height), uint64(f.X), uint64(f.Y))
			for _, p := range f.Pixels {
				v = append(v, uint64(p))
			}
			sums[aedat4FrameStream].add(s.T, v...)
		}
	}
	for _, s := range sums {
		lines = append(lines, s.String())
	}
	return lines
}

func TestDVReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	check := dvCheck(t)
	for _, c := range aedat4Codecs {
		data := kit.Encode(t, "aedat4", infoWith(c.name), aedat4Block())
		got, err := dvStreams(t, check, data)
		if diff := cmp.Diff(dvExpected(aedat4Block()), got); diff != "" || err != nil {
			t.Errorf("%s: %v, -written +read:\n%s", c.name, err, diff)
		}
	}
	// What DV refuses is refused here: the program is not a rubber stamp.
	sound := kit.Encode(t, "aedat4", infoWith("NONE"), aedat4Block())
	for name, spoil := range map[string]func(b []byte){
		"version":       func(b []byte) { b[11] = '3' },
		"header type":   func(b []byte) { b[len(aedat4Magic)+8] ^= 1 },
		"header offset": func(b []byte) { b[len(aedat4Magic)+4] ^= 0x80 },
		"vector length": func(b []byte) { b[bytes.Index(b, []byte(aedat4Events+"\x06"))+22] ^= 0x40 },
		"packet length": func(b []byte) { b[bytes.Index(b, []byte(aedat4IMU+"\x06"))-12] ^= 0x80 },
		"table row":     func(b []byte) { b[len(b)-44] ^= 1 },
		"table offset":  func(b []byte) { b[bytes.Index(b, []byte(aedat4Table))-4] ^= 1 },
	} {
		b := bytes.Clone(sound)
		spoil(b)
		if _, err := dvStreams(t, check, b); err == nil {
			t.Errorf("%s: a damaged file passes", name)
		}
	}
}

func TestDVsOwnFilePassesItsRulesAndIsWrittenAgainWithItsHeader(t *testing.T) {
	theirs, err := os.ReadFile(filepath.Join(shareddata.Path(t), "events", "aedat4", "davis346.aedat4"))
	if err != nil {
		t.Fatal(err)
	}
	d := kit.MustDecode(t, theirs, "")
	ours := kit.Encode(t, "aedat4", d.Info, &format.Block{Events: d.Events, Side: d.Side})
	head := func(b []byte) []byte {
		h := bytes.Clone(b[:len(aedat4Magic)+4+int(binary.LittleEndian.Uint32(b[len(aedat4Magic):]))])
		clear(h[aedat4Position:][:8])
		return h
	}
	if diff := cmp.Diff(string(head(theirs)), string(head(ours))); diff != "" {
		t.Errorf("header: -DV +written:\n%s", diff)
	}
	checkDVInfo(t, dvInfo(t, theirs))
	check := dvCheck(t)
	want, err := dvStreams(t, check, theirs)
	if err != nil {
		t.Fatalf("DV's own file: %v", err)
	}
	got, err := dvStreams(t, check, ours)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -DV +written:\n%s", err, diff)
	}
}

// dvNode is a node of the description of the streams.
type dvNode struct {
	Name  string `xml:"name,attr"`
	Path  string `xml:"path,attr"`
	Attrs []struct {
		Key   string `xml:"key,attr"`
		Type  string `xml:"type,attr"`
		Value string `xml:",chardata"`
	} `xml:"attr"`
	Nodes []dvNode `xml:"node"`
}

func (n *dvNode) get(key, kind string) (value string, ok bool) {
	for _, a := range n.Attrs {
		if a.Key == key {
			return a.Value, a.Type == kind
		}
	}
	return "", false
}

// dvInfo reads the description by another way than the decoder.
func dvInfo(t *testing.T, data []byte) *dvNode {
	t.Helper()
	at := bytes.Index(data, []byte("<dv"))
	end := bytes.Index(data, []byte("</dv>")) + len("</dv>")
	if at < 0 || end < at {
		t.Fatal("no description")
	}
	var text struct {
		Version string   `xml:"version,attr"`
		Nodes   []dvNode `xml:"node"`
	}
	if err := xml.Unmarshal(data[at:end], &text); err != nil {
		t.Fatal(err)
	}
	if text.Version != "2.0" || len(text.Nodes) != 1 || text.Nodes[0].Name != "outInfo" {
		t.Fatalf("version %q, %d roots", text.Version, len(text.Nodes))
	}
	return &text.Nodes[0]
}

// checkDVInfo demands of a description what DV's own files have.
func checkDVInfo(t *testing.T, root *dvNode) {
	t.Helper()
	source := ""
	for i, stream := range root.Nodes {
		if stream.Name != fmt.Sprint(i) || stream.Path != root.Path+stream.Name+"/" || len(stream.Nodes) != 1 {
			t.Errorf("stream %q with path %q", stream.Name, stream.Path)
			continue
		}
		for _, key := range []string{"compression", "originalModuleName", "originalOutputName", "typeDescription", "typeIdentifier"} {
			if v, ok := stream.get(key, "string"); !ok || v == "" {
				t.Errorf("stream %d: %s is %q", i, key, v)
			}
		}
		info := stream.Nodes[0]
		wanted := map[string]string{"source": "string", "tsOffset": "long"}
		if v, _ := stream.get("typeIdentifier", "string"); v == aedat4Events || v == aedat4Frames {
			wanted["sizeX"], wanted["sizeY"] = "int", "int"
		}
		for key, kind := range wanted {
			v, ok := info.get(key, kind)
			if !ok || kind != "string" && !isInteger(v) {
				t.Errorf("stream %d: %s is %q", i, key, v)
			}
		}
		name, _ := info.get("source", "string")
		if source == "" {
			source = name
		}
		if name == "" || name != source {
			t.Errorf("stream %d: source %q, not the first one's %q: DV leaves it out", i, name, source)
		}
	}
	if len(root.Nodes) == 0 {
		t.Error("no streams")
	}
}

func TestADescriptionOfStreamsHasWhatDVWants(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]format.Header{
		"none":       nil,
		"of RAW":     {{Key: "Date", Value: "2020"}, {Key: "system_ID", Value: "49"}},
		"one stream": {{Key: "0.typeIdentifier", Value: "IMUS"}, {Key: "0.source", Value: "cam & <co>"}, {Key: "0.tsOffset", Value: "17"}},
		"odd":        {{Key: "7.typeIdentifier", Value: "EVTS"}, {Key: "7.tsOffset", Value: "soon"}, {Key: "7.originalOutputName", Value: ""}},
	} {
		info := formattest.Info
		info.Header = h
		root := dvInfo(t, kit.Encode(t, "aedat4", info, &format.Block{}))
		t.Run(name, func(t *testing.T) { checkDVInfo(t, root) })
		if v, _ := root.Nodes[2].Nodes[0].get("source", "string"); name == "one stream" && v != "cam & <co>" {
			t.Errorf("source %q", v)
		}
	}
}

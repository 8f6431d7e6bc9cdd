package parquet

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/pipelinetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open opens a sink for a run.
func open(t *testing.T, c config, m pipeline.StreamMeta) *sink {
	t.Helper()
	s := newSink(c, component.Env{Name: "left"})
	if err := errors.Join(s.Precheck(), s.Open(t.Context(), m)); err != nil {
		t.Fatal(err)
	}
	return s
}

// of are detections of a run.
func of(run string, n int) []pipeline.Detection {
	ds := pipelinetest.Detections(n)
	for i := range ds {
		ds[i].Run = run
	}
	return ds
}

func save(t *testing.T, c config, run string, n int) {
	t.Helper()
	s := open(t, c, pipeline.StreamMeta{Name: "left", Run: run})
	if err := s.Write(t.Context(), of(run, n)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func testConfig(dir string) config {
	c := newDefaultConfig()
	c.Path = filepath.Join(dir, "{name}.parquet")
	return c
}

// rowsOf are the detections of a file, by Arrow's reader.
func rowsOf(t *testing.T, path string) (list []pipeline.Detection) {
	t.Helper()
	if err := read(path, func(d *pipeline.Detection) error {
		list = append(list, *d)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

// lines are the JSON of detections, which states what is unknown.
func lines(ds []pipeline.Detection) (list []string) {
	for i := range ds {
		list = append(list, string(ds[i].AppendJSON(nil)))
	}
	return list
}

func TestArrowsReaderFindsEveryDetection(t *testing.T) {
	t.Parallel()
	c := testConfig(t.TempDir())
	c.GroupRows = 7
	save(t, c, "a", 20)
	got, want := rowsOf(t, outfile.Path(c.Path, "left")), of("a", 20)
	if d := cmp.Diff(lines(want), lines(got)); d != "" {
		t.Error(d)
	}
}

func TestAKeywordHasItsOwnColumns(t *testing.T) {
	t.Parallel()
	c := testConfig(t.TempDir())
	d := pipeline.UnknownDetection()
	if err := json.Unmarshal([]byte(`{"stream":"s","run":"a","seq":3,"kind":"keyword","t_us":5,"label":"computer","score":0.75,
		"t_start_us":1,"t_end_us":4,"confidence":0.5,"time_unix_us":1700000000000000}`), &d); err != nil {
		t.Fatal(err)
	}
	s := open(t, c, pipeline.StreamMeta{Run: "a"})
	if err := errors.Join(s.Write(t.Context(), []pipeline.Detection{d}), s.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lines([]pipeline.Detection{d}), lines(rowsOf(t, outfile.Path(c.Path, "left")))); diff != "" {
		t.Error(diff)
	}
}

// names are the files of a folder.
func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestAnotherRunKeepsWhatIsThereAndTheSameReplacesIt(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string][]string{
		outfile.OnRotate:  {"left-a-000000000000.parquet", "left.parquet"},
		outfile.OnReplace: {"left.parquet"},
	} {
		c := testConfig(t.TempDir())
		c.OnExist = policy
		save(t, c, "a", 3)
		save(t, c, "a", 5)
		save(t, c, "b", 2)
		if d := cmp.Diff(want, names(t, filepath.Dir(c.Path))); d != "" {
			t.Errorf("%s: %s", policy, d)
		}
		if n := len(rowsOf(t, outfile.Path(c.Path, "left"))); n != 2 {
			t.Errorf("%s: %d rows, want 2", policy, n)
		}
	}
}

func TestAFileThatIsNotOursOrIsToStayIsRefused(t *testing.T) {
	t.Parallel()
	c := testConfig(t.TempDir())
	c.OnExist = outfile.OnRefuse
	save(t, c, "a", 3)
	if err := newSink(c, component.Env{Name: "left"}).Open(t.Context(), pipeline.StreamMeta{Run: "b"}); !errors.Is(err, outfile.ErrExists) {
		t.Errorf("%v", err)
	}
	path := outfile.Path(c.Path, "left")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:len(whole)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := newSink(c, component.Env{Name: "left"}).Open(t.Context(), pipeline.StreamMeta{}); !errors.Is(err, outfile.ErrForeign) {
		t.Errorf("a file that is cut off: %v", err)
	}
	for cut := 0; cut < len(whole); cut += 13 { // each is not a Parquet file
		if _, err := readMetadata(bytes.NewReader(whole[:cut]), int64(cut)); err == nil {
			t.Fatalf("the first %d bytes are a file", cut)
		}
	}
	for at := len(whole) % 13; at < len(whole); at += 13 { // no panic; it may be sound
		bad := bytes.Clone(whole)
		bad[at] ^= 0x55
		_, _ = readMetadata(bytes.NewReader(bad), int64(len(bad)))
	}
}

func TestFilesRotateBySensorTime(t *testing.T) {
	t.Parallel()
	c := testConfig(t.TempDir())
	c.RotateEvery = time.Second
	ds := of("a", 4)
	for i := range ds {
		ds[i].T = int64(i) * 500_000
	}
	s := open(t, c, pipeline.StreamMeta{Run: "a"})
	if err := errors.Join(s.Write(t.Context(), ds), s.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	want := []string{"left-a-000000000000.parquet", "left-a-000000000002.parquet"}
	if d := cmp.Diff(want, names(t, filepath.Dir(c.Path))); d != "" {
		t.Error(d)
	}
}

func TestARunWithoutDetectionsWritesNoFile(t *testing.T) {
	t.Parallel()
	c := testConfig(t.TempDir())
	save(t, c, "a", 0)
	if got := names(t, filepath.Dir(c.Path)); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestTheSinkKeepsItsContract(t *testing.T) {
	pipelinetest.Sink(t, pipelinetest.SinkCase{New: func() (pipeline.Sink, error) {
		return newSink(testConfig(t.TempDir()), component.Env{Name: "left"}), nil
	}})
}

func TestTheDeclarationIsSound(t *testing.T) {
	t.Parallel()
	if err := Component().Check(); err != nil {
		t.Error(err)
	}
	if err := (config{}).Validate(); err == nil {
		t.Error("an empty path is accepted")
	}
}

package keep

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/audio"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

var layer = pipeline.Shape{2, 2, 3} // cells, ears, bands

func sound(channels int) pipeline.StreamMeta {
	return pipeline.StreamMeta{Name: "mic", Info: pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: 16_000, Channels: channels}}
}

// keeper opens a keeper in a folder of the test.
func keeper(t *testing.T, channels int) (*Keeper, string) {
	t.Helper()
	c := NewDefaultConfig()
	c.Dir = filepath.Join(t.TempDir(), "{name}")
	k := New(c, "mic", nil)
	if err := k.Open(t.Context(), sound(channels), layer); err != nil {
		t.Fatal(err)
	}
	return k, k.dir
}

// heard is a clip of two channels in which "go" was said.
func heard() *pipeline.Clip {
	c := &pipeline.Clip{
		Detection: pipeline.Detection{
			Stream: "mic", ConfigHash: "0123456789abcdef", Seq: 7, Kind: pipeline.Keyword, Label: "go",
			T: 1_500_000, TStart: 1_200_000, TEnd: 1_450_000, Score: .875, Model: "fedcba9876543210",
		},
		Window: pipeline.Window{Start: 1_000_000, End: 1_999_938}, FrameIndex: 16_000, Missing: 3,
	}
	for i := range 32_000 {
		c.PCM = append(c.PCM, float32(i%2000-1000)/3000)
	}
	for ms := range int64(40_000) {
		c.Spikes.Append(1_000_000+ms*25, uint32(ms%12))
	}
	return c
}

// list is the names in a folder.
func list(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestTheSoundIsReadBackToTheLastBit(t *testing.T) {
	t.Parallel()
	k, dir := keeper(t, 2)
	coarse := heard()
	coarse.Detection.T++
	for i := range coarse.PCM {
		coarse.PCM[i] = float32(i%100) / 32768
	}
	for path, c := range map[string]*pipeline.Clip{"go-1500000.wav": heard(), "go-1500001.wav": coarse} {
		if err := k.Keep(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		config := audio.NewDefaultConfig()
		config.Path, config.Channels, config.Window = filepath.Join(dir, path), "all", time.Second
		r, err := audio.Inspect(t.Context(), config, nil, true)
		if err != nil {
			t.Fatal(err)
		}
		want := map[bool]string{true: "s16le", false: "f32le"}[c == coarse]
		if r.Encoding != want || r.Rate != 16_000 || r.Channels != 2 || r.Frames != 16_000 || len(r.Damage) > 0 {
			t.Errorf("%s: %+v", path, r)
		}
		if got := play(t, config); !slices.Equal(got, c.PCM) {
			t.Errorf("%s: %d samples differ from the %d", path, len(got), len(c.PCM))
		}
	}
}

// play is all samples of a source.
func play(t *testing.T, c audio.Config) []float32 {
	t.Helper()
	s, err := audio.New(c, component.Env{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	var b pipeline.Batch
	for err == nil {
		err = s.Read(t.Context(), &b)
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return b.PCM
}

func TestTheSpikesAreReadBackAsARecording(t *testing.T) {
	t.Parallel()
	k, dir := keeper(t, 2)
	if err := k.Keep(t.Context(), heard()); err != nil {
		t.Fatal(err)
	}
	r, err := recording.Open(filepath.Join(dir, "go-1500000.arrow"), recording.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	header := map[string]string{}
	for _, f := range r.Info.Header {
		header[f.Key] = f.Value
	}
	want := map[string]string{
		"kind": "keyword", "label": "go", "score": "0.875", "t_us": "1500000", "t_start_us": "1200000", "t_end_us": "1450000",
		"stream": "mic", "seq": "7", "model": "fedcba9876543210", "config_hash": "0123456789abcdef",
		"from_us": "1000000", "to_us": "1999938", "sample_rate": "16000", "channels": "2", "frames": "16000", "first_frame": "16000",
		"missing_frames": "3", "shape": "2,2,3", "width": "3", "height": "4",
	}
	if d := cmp.Diff(want, header); d != "" || r.Info.Width != 3 || r.Info.Height != 4 {
		t.Errorf("%dx%d, header: %s", r.Info.Width, r.Info.Height, d)
	}
	b, n := format.NewBlock(1000), 0
	for err = r.Read(b); err == nil; err = r.Read(b) {
		for _, e := range b.Events {
			if id := uint32(e.Y)*3 + uint32(e.X); e.T != 1_000_000+int64(n)*25 || id != uint32(n%12) || e.P != pipeline.On {
				t.Fatalf("spike %d is %+v", n, e)
			}
			n++
		}
	}
	if n != 40_000 || len(r.Damage()) > 0 {
		t.Errorf("%d spikes, %v", n, r.Damage())
	}
}

// TestJavaScriptReadsTheSpikes asks the apache-arrow npm package.
func TestJavaScriptReadsTheSpikes(t *testing.T) {
	t.Parallel()
	reader := filepath.Join("..", "..", ".ci", "arrow-js")
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed")
	}
	if _, err := os.Stat(filepath.Join(reader, "node_modules", "apache-arrow")); err != nil {
		t.Skip("the apache-arrow npm package is not installed in .ci/arrow-js (npm ci)")
	}
	k, dir := keeper(t, 2)
	if err := k.Keep(t.Context(), heard()); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("node", filepath.Join(reader, "read.js"), filepath.Join(dir, "go-1500000.arrow"), "t", "x", "y", "on").Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Rows     int
		Metadata map[string]string
		Values   struct {
			T    []int64
			X, Y []uint16
			On   []bool
		}
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if v := got.Values; got.Rows != 40_000 || got.Metadata["label"] != "go" || got.Metadata["score"] != "0.875" ||
		v.T[39_999] != 1_999_975 || v.X[11] != 2 || v.Y[11] != 3 || !v.On[11] {
		t.Errorf("%d rows, metadata %v", got.Rows, got.Metadata)
	}
}

func TestLabelsBecomeFileNames(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]string{
		"go":                        "go-1500000",
		"größe_2":                   "größe_2-1500000",
		"../a b":                    "%2E%2E%2Fa%20b-1500000",
		"%2E":                       "%252E-1500000",
		"":                          "keyword-1500000",
		"a\xffb\n":                  "a%FFb%0A-1500000",
		strings.Repeat("long", 100): strings.Repeat("long", 37) + "-1500000",
	} {
		c := heard()
		c.Detection.Label = label
		if got := fileName(c); got != want {
			t.Errorf("%q is %s, want %s", label, got, want)
		}
	}
	c := heard()
	c.Same = 1
	if got := fileName(c); got != "go-1500000-2" {
		t.Errorf("the second is %s", got)
	}
}

func TestAClipThatCannotBeWrittenLeavesNothing(t *testing.T) {
	t.Parallel()
	full := "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skip("there is no device that is always full here")
	}
	for name, broken := range map[string]string{"spikes": "go-1500000.arrow", "sound": "go-1500000.wav"} {
		k, dir := keeper(t, 2)
		if err := os.Symlink(full, filepath.Join(dir, broken+unfinished)); err != nil {
			t.Fatal(err)
		}
		if err := k.Keep(t.Context(), heard()); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("%s: error %v", name, err)
		}
		if left := list(t, dir); len(left) > 0 {
			t.Errorf("%s: left %v", name, left)
		}
		if err := k.Keep(t.Context(), heard()); err != nil { // there is room again
			t.Error(err)
		}
	}
}

func TestAFullFolderKeepsWhatItHas(t *testing.T) {
	t.Parallel()
	k, dir := keeper(t, 2)
	k.max = 5
	keep := func(at int64) error {
		c := heard()
		c.Detection.T = at
		return k.Keep(t.Context(), c)
	}
	for at := range int64(2) {
		if err := keep(at); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"go-0.arrow", "go-0.wav", "go-1.arrow", "go-1.wav"}
	if err := keep(2); err == nil || !strings.Contains(err.Error(), "holds 4 files") || !slices.Equal(list(t, dir), want) {
		t.Errorf("a third: %v, %v", err, list(t, dir))
	}
	if err := keep(1); err != nil { // in place of itself, as after a resume
		t.Error(err)
	}
	if err := errors.Join(os.Remove(filepath.Join(dir, "go-0.wav")), os.Remove(filepath.Join(dir, "go-0.arrow")), keep(2)); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestAFolderThatIsTakenAwayIsMadeAgain(t *testing.T) {
	t.Parallel()
	k, dir := keeper(t, 2)
	if err := errors.Join(k.Keep(t.Context(), heard()), os.Rename(dir, dir+"-fetched"), k.Keep(t.Context(), heard())); err != nil {
		t.Fatal(err)
	}
	if a, b := list(t, dir), list(t, dir+"-fetched"); len(a) != 2 || !slices.Equal(a, b) {
		t.Errorf("%v and %v", a, b)
	}
}

func TestAClipOfNothingIsWhole(t *testing.T) {
	t.Parallel()
	k, dir := keeper(t, 2)
	c := heard()
	c.PCM, c.Spikes = nil, pipeline.Spikes{}
	if err := k.Keep(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	r, err := recording.Inspect(filepath.Join(dir, "go-1500000.arrow"), recording.Options{}, false)
	if err != nil || r.Events != 0 || len(r.Damage) > 0 || r.Header.Get("label") != "go" {
		t.Errorf("%+v, %v", r, err)
	}
	config := audio.NewDefaultConfig()
	config.Path = filepath.Join(dir, "go-1500000.wav")
	if r, err := audio.Inspect(t.Context(), config, nil, false); err != nil || r.Frames != 0 || len(r.Damage) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestWhatCannotBeginIsToldAtTheStart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	c := NewDefaultConfig()
	c.Dir = filepath.Join(file, "kept")
	if err := New(c, "mic", nil).Open(t.Context(), sound(1), layer); err == nil {
		t.Error("a folder below a file was made")
	}
	c.Dir = t.TempDir()
	for _, shape := range []pipeline.Shape{nil, {0, 4}, {1 << 17}, {1 << 17, 2}} {
		if err := New(c, "mic", nil).Open(t.Context(), sound(1), shape); err == nil {
			t.Errorf("a layer %v was taken", shape)
		}
	}
}

func TestAnEndedContextKeepsNothing(t *testing.T) {
	t.Parallel()
	k, dir := keeper(t, 2)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := k.Keep(ctx, heard()); !errors.Is(err, context.Canceled) || len(list(t, dir)) > 0 {
		t.Errorf("error %v, left %v", err, list(t, dir))
	}
}

func TestSettingsWithoutAFolderAreRefused(t *testing.T) {
	t.Parallel()
	c := NewDefaultConfig()
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	c.Before = time.Second
	if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), "dir:") {
		t.Error(err)
	}
}

func TestMetadataThatMakesNoSenseSaysNothing(t *testing.T) {
	t.Parallel()
	of := func(pairs ...string) func(string) string {
		return func(key string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == key {
					return pairs[i+1]
				}
			}
			return ""
		}
	}
	start, end, ok := Detected(of("from_us", "1000000", "t_start_us", "1200000", "t_end_us", "1450000"))
	if !ok || start != 200*time.Millisecond || end != 450*time.Millisecond {
		t.Errorf("%v to %v, %v", start, end, ok)
	}
	for name, metadata := range map[string]func(string) string{
		"none":                of(),
		"half":                of("from_us", "1", "t_start_us", "2"),
		"no number":           of("from_us", "1", "t_start_us", "two", "t_end_us", "3"),
		"before the begin":    of("from_us", "5", "t_start_us", "2", "t_end_us", "7"),
		"an end before it":    of("from_us", "1", "t_start_us", "3", "t_end_us", "2"),
		"far beyond all time": of("from_us", "1", "t_start_us", "3", "t_end_us", "9223372036854775807"),
	} {
		if _, _, ok := Detected(metadata); ok {
			t.Errorf("%s: was taken", name)
		}
	}
	for text, want := range map[string]bool{"4,40": true, "4,2,40": true, "": false, "4,": false, "4,-1": false, "4,99999999": false} {
		if _, ok := Shape(of("shape", text)); ok != want {
			t.Errorf("shape %q: %v", text, ok)
		}
	}
}

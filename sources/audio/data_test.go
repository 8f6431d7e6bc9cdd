package audio

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// bySox has sox read a file, as 32-bit integers.
func bySox(t *testing.T, path string, options ...string) ([]float32, error) {
	t.Helper()
	sox, err := exec.LookPath("sox")
	if err != nil {
		t.Skip("sox is not installed")
	}
	var out bytes.Buffer
	cmd := exec.Command(sox, append(append(options, path), "-t", "raw", "-e", "signed", "-b", "32", "-L", "-")...)
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	x := make([]float32, out.Len()/4)
	for i := range x {
		x[i] = float32(float64(int32(binary.LittleEndian.Uint32(out.Bytes()[4*i:]))) / (1 << 31))
	}
	return x, nil
}

// worst is the largest difference of the samples that both have.
func worst(a, b []float32) (d float64) {
	for i := range min(len(a), len(b)) {
		d = max(d, math.Abs(float64(a[i]-b[i])))
	}
	return d
}

func TestOddWAVFilesReadAsSoxReadsThem(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(dataFolder(t), "oddwav", "*.wav"))
	if err != nil || len(files) < 16 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	compared := 0
	for _, path := range files {
		name := filepath.Base(path)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, l, damage, err := decodeAll(b, formatAuto)
		if err != nil || len(got) == 0 {
			t.Errorf("%s: %d samples, %v", name, len(got), err)
			continue
		}
		t.Logf("%s: %v, %d frames, damage %v", name, l, len(got)/l.channels, damage)
		want, err := bySox(t, path)
		if err != nil || strings.Contains(name, "12bit") {
			continue // sox cannot, or takes 12 bits for 8 wide columns
		}
		compared++
		if len(got) != len(want) || worst(got, want) > 1.0/(1<<24) {
			t.Errorf("%s: %d samples, sox has %d, worst %g", name, len(got), len(want), worst(got, want))
		}
	}
	if compared < 12 {
		t.Errorf("only %d files were compared", compared)
	}
}

// TestWidthsThatSoxCannotReadAgreeAmongEachOther: the three-channel files of
// SciPy hold the same five frames in different widths.
func TestWidthsThatSoxCannotReadAgreeAmongEachOther(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(dataFolder(t), "oddwav")
	var want []float32
	for _, name := range []string{"be-3ch-5S-24bit", "le-3ch-5S-24bit-inconsistent", "le-3ch-5S-36bit", "le-3ch-5S-53bit"} {
		got, _, _, err := loadFile(t, filepath.Join(dir, "test-8000Hz-"+name+".wav"))
		if want == nil {
			want = got
		}
		if err != nil || len(got) != 15 || worst(got, want) > 3.0/(1<<23) {
			t.Errorf("%s: %v, worst %g", name, err, worst(got, want))
		}
	}
}

func loadFile(t *testing.T, path string) ([]float32, layout, []string, error) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	x, l, damage, err := decodeAll(b, formatAuto)
	return x, l, kinds(damage), err
}

// TestOddFLACFiles holds the damage found in each to what is known of them.
func TestOddFLACFiles(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"ietf_faulty_01_-_wrong_max_blocksize.flac":                   nil,
		"ietf_faulty_04_-_wrong_number_of_channels.flac":              {"inconsistent_header"},
		"ietf_faulty_06_-_missing_streaminfo_metadata_block.flac":     {"missing_streaminfo"},
		"ietf_faulty_10_-_invalid_vorbis_comment_metadata_block.flac": nil,
		"ietf_subset_38_-_3_channels_(3.0).flac":                      nil,
		"ietf_subset_40_-_5_channels_(5.0).flac":                      nil,
		"ietf_subset_61_-_predictor_overflow_check,_16-bit.flac":      nil,
		"lauscher_spoken_digit.flac":                                  nil,
	}
	dir := filepath.Join(dataFolder(t), "oddflac")
	for name, damage := range want {
		got, l, found, err := loadFile(t, filepath.Join(dir, name))
		t.Logf("%s: %v, %d frames, %v, %v", name, l, len(got)/max(1, l.channels), found, err)
		if diff := cmp.Diff(damage, found, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

// TestClipsAreReadWithoutDamage decodes some clips of each kind, all of them
// where GANGLION_LONG is set; for FLAC the checksum over the samples vouches
// for them. (The alexa clips that the flac tool 1.4 stops at are sound.)
func TestClipsAreReadWithoutDamage(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	for _, pattern := range []string{"alexa/*.flac", "computer/*.flac", "speech-without-keywords/*.flac", "digits/*.wav", "noise/*.wav"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(files) == 0 {
			t.Errorf("%s: no files, %v", pattern, err)
		}
		if os.Getenv("GANGLION_LONG") == "" {
			files = files[:min(8, len(files))]
		}
		for _, path := range files {
			got, l, found, err := loadFile(t, path)
			if err != nil || l.channels != 1 || len(got) < 1000 || len(found) > 0 {
				t.Errorf("%s: %d samples, %v, %v", path, len(got), found, err)
			}
		}
	}
}

func TestResamplingAgreesWithSox(t *testing.T) {
	path := filepath.Join(dataFolder(t), "digits", "7_theo_20.wav")
	want, err := bySox(t, path, "-D")
	if err != nil {
		t.Fatal(err)
	}
	got, rate, _, err := Load(context.Background(), path, 16000)
	if err != nil || rate != 16000 || len(got) != 2*len(want) {
		t.Fatalf("%d samples of %d at %d Hz, %v", len(got), len(want), rate, err)
	}
	back := resample(t, 16000, 8000, 1, got, 1000)
	var sum, diff float64
	for i := range want {
		sum += float64(want[i]) * float64(want[i])
		diff += float64(want[i]-back[i]) * float64(want[i]-back[i])
	}
	if snr := 10 * math.Log10(sum/diff); snr < 25 { // what lies within 10 % of the band's edge is lost
		t.Errorf("up and down again leaves %.1f dB", snr)
	}
}

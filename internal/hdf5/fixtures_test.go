package hdf5

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/h5py"
)

// TestEveryFixtureIsReadAsByH5py reads the files of the nir package and of the
// simulators; the one compressed with lzf is refused by name.
func TestEveryFixtureIsReadAsByH5py(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(fixtures(t), "*", "*.ni[r]*"))
	if len(files) != 16 {
		t.Fatalf("%d files: %v", len(files), files)
	}
	dumps := h5py.Dump(t, files...)
	for i, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lzf := strings.Contains(file, "lzf")
			skipped := map[string]bool{}
			got := dump(open(t, b).Root(), func(path string, err error) {
				skipped[path] = true
				if !lzf || !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), "lzf (32000)") {
					t.Error(err)
				}
			})
			if want := map[bool]int{true: 27}[lzf]; len(skipped) != want {
				t.Errorf("%d arrays refused, want %d", len(skipped), want)
			}
			want := normalise(t, dumps[i])
			for path := range skipped {
				delete(want, path)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("read differently (-h5py +here):\n%.3000s", diff)
			}
		})
	}
}

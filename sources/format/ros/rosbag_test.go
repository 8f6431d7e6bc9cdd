package ros

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/internal/h5py"
	"ganglion/pipeline"
	"ganglion/sources/format/formattest"
)

// TestWhatROSAndSQLiteWriteIsRead reads bags that rosbag wrote, and databases of
// SQLite, as .ci/bag_files.py makes them.
func TestWhatROSAndSQLiteWriteIsRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h5py.RunWith(t, "rosbag", "bag_files.py", dir)
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != 10 {
		t.Fatalf("%d files: %v", len(files), files)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(name, "refused_") {
				_, err := kit.Open(file)
				if err == nil || !strings.Contains(err.Error(), "/camera/image_raw (sensor_msgs/Image)") {
					t.Errorf("error %v", err)
				}
				return
			}
			since := int64(0)
			if strings.HasPrefix(name, "since_") {
				since = 1_500_000_000_000_000
			}
			want := make([]pipeline.Event, 3000)
			for i := range want {
				want[i] = pipeline.Event{T: since + int64(1000+37*i), X: uint16(i * 7 % 200), Y: uint16(i * 13 % 150), P: uint8(i / 3 % 2)}
			}
			wantEvents(t, want, decode(t, data, ""))
			if name == "cameras.bag" {
				wantEvents(t, want[:10], decode(t, data, "/right/events"))
			}
			if _, err := kit.Decode(strings.NewReader(string(data)), formattest.Options{Stream: "/camera/image_raw"}, 64); err == nil {
				t.Error("pictures are read as events")
			}
		})
	}
}

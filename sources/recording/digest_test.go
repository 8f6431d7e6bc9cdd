package recording

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"ganglion/internal/shareddata"

	"github.com/google/go-cmp/cmp"
)

// dataDir is where the real recordings are; they are not part of the project.
func dataDir(tb testing.TB) string {
	tb.Helper()
	return shareddata.Path(tb)
}

func TestRealRecordingsDecodeToTheReferenceDigests(t *testing.T) {
	t.Parallel()
	events := filepath.Join(dataDir(t), "events")
	f, err := os.Open(filepath.Join(events, "reference.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var ref struct {
			File       string
			N, On      uint64
			T0, T1     int64
			MaxX, MaxY uint16
			T, X, Y, P string
			Trig       uint64
			Counts     map[string]uint64 // AEDAT 4, by type
			Packets    map[string]uint64
		}
		if err := json.Unmarshal(lines.Bytes(), &ref); err != nil {
			t.Fatal(err)
		}
		t.Run(ref.File, func(t *testing.T) {
			got, err := Inspect(filepath.Join(events, ref.File), Options{}, true)
			if err != nil {
				t.Fatal(err)
			}
			want := Report{
				Format: got.Format, Width: got.Width, Height: got.Height, Header: got.Header, Notes: got.Notes, IMUHz: got.IMUHz,
				Events: ref.N, On: ref.On, First: ref.T0, Last: ref.T1, XMax: ref.MaxX, YMax: ref.MaxY,
				Triggers: ref.Trig + ref.Counts["TRIG"], IMU: ref.Counts["IMUS"], Frames: ref.Packets["FRME"], Damage: got.Damage,
				Digest: &Digest{T: ref.T, X: ref.X, Y: ref.Y, On: ref.P},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-reference +decoded:\n%s", diff)
			}
			if (got.IMU > 0) != (math.Round(got.IMUHz) == 1000) { // what the cameras of these take
				t.Errorf("%d samples of the IMU at %v Hz", got.IMU, got.IMUHz)
			}
			if len(got.Damage) > 0 {
				t.Errorf("damage in a sound recording: %v", got.Damage)
			}
		})
	}
}

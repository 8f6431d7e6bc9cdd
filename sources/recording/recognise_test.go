package recording

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/internal/shareddata"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
	"ganglion/sources/format/table"
)

// TestEveryFormatHoldsARealRecording stands in for real files of formats
// that none are at hand of.
func TestEveryFormatHoldsARealRecording(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(shareddata.Path(t), "events", "evt2", "spinner.raw"))
	if err != nil {
		t.Fatal(err)
	}
	want := mustDecode(t, data, "")
	for _, kind := range []string{"evt2", "evt21", "evt3", "dat", "es", "csv"} {
		got := mustDecode(t, kit.Encode(t, kind, want.Info, &format.Block{Events: want.Events}), kind)
		if diff := formattest.DiffEvents(want.Events, got.Events); diff != "" {
			t.Errorf("%s: -real +rewritten:\n%s", kind, diff)
		}
	}
}

func TestTheNameTellsBS1FromNMNIST(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"a.bs1": "bs1", "a.bs2": "nmnist", "a.bin": "nmnist"} {
		data := kit.Sample(t, formatOf(t, want), 100)
		r, err := NewReader(bytes.NewReader(data), name, Options{})
		if err != nil || r.Info.Format != want {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
}

func TestADamagedTextFileIsKnownByItsName(t *testing.T) {
	t.Parallel()
	data := kit.Sample(t, table.CSV(), 400)
	for i := 1000; i < 1020; i++ {
		data[i] = byte(i)
	}
	r, err := NewReader(bytes.NewReader(data), "a.csv", Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := formattest.Drain(r, 100)
	if err != nil || len(got.Events) < 390 || formattest.DamageCounts(got.Damage)["malformed_line"] == 0 {
		t.Errorf("%d events, damage %v, %v", len(got.Events), got.Damage, err)
	}
	if _, err := NewReader(bytes.NewReader(data), "a.bin", Options{}); err == nil {
		t.Error("taken for text under another name")
	}
}

// What is of another kind is named, and never taken for events.
func TestWhatIsNotARecordingIsNamed(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat("\x00", 20000)
	for start, want := range map[string]string{
		"\x89HDF\r\n\x1a\n": "hdf5", "#ROSBAG V2.0\n": "", "SQLite format 3\x00": "", "\x89MCAP0\r\n": "",
		"\x00\x00\x00\x18ftypmp42": "MP4", "GIF89a": "GIF", "\x89PNG\r\n\x1a\n": "PNG", "PK\x03\x04": "ZIP", "\x1f\x8b\x08": "gzip",
		"\x28\xb5\x2f\xfd": "Zstandard", "%PDF-1.7": "PDF", "version https://git-lfs.github.com/spec/v1": "Git LFS",
		"<!DOCTYPE html>": "web page", "": "zeros",
	} {
		for _, ending := range []string{"", ".bin", ".raw", ".dat", ".aedat4", ".csv"} {
			_, err := NewReader(strings.NewReader(start+zeros), "a"+ending, Options{})
			if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 300 {
				t.Errorf("%q%s: %v", start, ending, err)
			}
		}
	}
}

// Noise and slowly changing bytes are not N-MNIST, slayer, DAT or AEDAT 1.
func TestPlainRecordsMustBePlausible(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 5))
	for round := range 300 {
		data := make([]byte, 6000)
		switch round % 3 {
		case 0:
			for i := range data {
				data[i] = byte(r.Uint32())
			}
		case 1: // numbers that ascend
			for i := 0; i+8 <= len(data); i += 8 {
				binary.LittleEndian.PutUint64(data[i:], uint64(i*(1+round)))
			}
		default: // few bytes that are not zero
			for range 300 {
				data[r.IntN(len(data))] = byte(r.Uint32())
			}
		}
		for _, ending := range []string{".bin", ".bs1", ".aedat", ".xyz"} {
			if d, err := NewReader(bytes.NewReader(data), "a"+ending, Options{}); err == nil {
				t.Fatalf("round %d, %s: taken for %s", round, ending, d.Info.Format)
			}
		}
	}
}

// A recording of an old camera, whose header names neither encoding nor size,
// is read back in whatever format it is written.
func TestWhatIsWrittenOfARealHeaderIsRecognised(t *testing.T) {
	t.Parallel()
	header := format.Header{{Key: "Date", Value: "2020-09-25 07:48:31"}, {Key: "integrator_name", Value: "Prophesee"},
		{Key: "plugin_name", Value: "hal_plugin_gen3_fx3"}}
	for _, system := range []string{"", "21", "48", "28"} {
		info := formattest.Info
		if info.Header = header; system != "" {
			info.Header = append(info.Header[:3:3], format.Field{Key: "system_ID", Value: system})
		}
		for _, f := range Formats() {
			if !f.Writable() || f.Name == "bs1" {
				continue
			}
			events := formattest.Events(2000)
			data := encode(t, f.Name, info, &format.Block{Events: events})
			got, err := decode(bytes.NewReader(data), Options{}, 4096)
			if err != nil || got.Info.Format != f.Name {
				t.Errorf("system_ID %q in %s: taken for %q, %v", system, f.Name, got.Info.Format, err)
			} else if diff := formattest.DiffEvents(events, got.Events); diff != "" {
				t.Errorf("system_ID %q in %s: -written +read:\n%s", system, f.Name, diff)
			}
		}
	}
}

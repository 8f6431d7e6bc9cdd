package recording

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"ganglion/internal/shareddata"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
	"ganglion/sources/format/table"
)

// TestEveryFormatHoldsARealRecording stands in for real files of formats
// that none are at hand of.
func TestEveryFormatHoldsARealRecording(t *testing.T) {
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
	data := formattest.BS1(100)
	for name, want := range map[string]string{"a.bs1": "bs1", "a.bs2": "nmnist", "a.bin": "nmnist"} {
		r, err := NewReader(bytes.NewReader(data), name, Options{})
		if err != nil || r.Info.Format != want {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
}

func TestADamagedTextFileIsKnownByItsName(t *testing.T) {
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

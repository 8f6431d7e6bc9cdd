package recording

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
)

func TestInspectPrintsTheFixedJSON(t *testing.T) {
	t.Parallel()
	data := words3(0x8001, 0x0003, 0x2804, 0x2000|700, 0xA001, 0x6005, 0x2005)
	data = append([]byte("% serial_number 7\n% serial_number 8\n"), data...)
	path := filepath.Join(t.TempDir(), "a.raw")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := Inspect(path, Options{}, true)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	// The sums were computed with Python's hashlib from the columns
	// t = 4096 4096 4101, x = 4 700 5, y = 3 3 3, on = 1 0 0.
	want := `{"format":"evt3","width":640,"height":480,"events":3,"on":1,"t_first_us":4096,"t_last_us":4101,` +
		`"x_max":700,"y_max":3,"triggers":1,"imu":0,"frames":0,` +
		`"header":{"serial_number":"7","evt":"3.0","geometry":"640x480"},` +
		`"damage":[{"offset":77,"kind":"out_of_range_x","count":1,"first_us":4096,"last_us":4096}],` +
		`"digest":{"t":"f24001108efaa6c7eb34ed47dd42c0827672fb27b85f16a94f0db331","x":"8095b72fcd4391f1c4858f1472d0cc469950969096fec45bcdb2caaf","y":"ef1520a22b31e6c687a10ff24d18cab12aaf8755c790cffb4125938d","on":"92756ef0bd69e741c28f92872b6f2b8c0b209fd9f260008f10e582a9"}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestInspectWithoutDamageOrDigestPrintsEmptyLists(t *testing.T) {
	t.Parallel()
	path := write(t, "a.csv", formattest.Info, nil)
	report, err := Inspect(path, Options{}, false)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"format":"csv","width":0,"height":0,"events":0,"on":0,"t_first_us":0,"t_last_us":0,"x_max":0,"y_max":0,` +
		`"triggers":0,"imu":0,"frames":0,"header":{"columns":"t[us],x,y,p"},"damage":[]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

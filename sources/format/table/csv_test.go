package table

import (
	"bytes"
	"runtime"
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
)

func TestTextInAnyOrder(t *testing.T) {
	t.Parallel()
	want := []pipeline.Event{{T: 3811, X: 96, Y: 133, P: 0}, {T: 3820, X: 20, Y: 51, P: 1}, {T: 1003820, X: 7, Y: 8, P: 1}}
	tests := []struct {
		name, text, given string
		width, height     int
		columns           string
	}{
		{name: "RPG: seconds and blanks", text: "0.003811000 96 133 0\n0.003820 20 51 1\n1.003819900 7 8 1\n", columns: "t[s],x,y,p"},
		{name: "Metavision: time last", text: "96,133,0,3811\n20,51,1,3820\n7,8,1,1003820\n", columns: "x,y,p,t[us]"},
		{name: "faery: names", text: "t,x,y,on\n3811,96,133,0\n3820,20,51,1\n1003820,7,8,1\n", columns: "t[us],x,y,p"},
		{name: "names in any order, with others between", text: "id;polarity;timestamp;y;x\n1;-1;3811;133;96\n2;1;3820;51;20\n3;1;1003820;8;7",
			columns: "-,p,t[us],y,x"},
		{name: "a unit in the name", text: "x y t_ms p\n96 133 3.811 false\n20 51 3.82 true\n7 8 1003.82 true\n", columns: "x,y,t[ms],p"},
		{name: "polarity -1 and 1, CRLF and comments", text: "# made by hand\r\n3811 96 133 -1\r\n3820 20 51 1\r\n\r\n# pause\r\n1003820 7 " +
			"8 +1\r\n", columns: "t[us],x,y,p"},
		{name: "E2VID: size first", text: "240 180\n0.003811 96 133 0\n0.003820 20 51 1\n1.00382 7 8 1\n", width: 240, height: 180,
			columns: "t[s],x,y,p"},
		{name: "the number of events first", text: "3\n240 180\n3811 96 133 0\n3820 20 51 1\n1003820 7 8 1\n", width: 240, height: 180,
			columns: "t[us],x,y,p"},
		{name: "pandas: floats", text: "x,y,p,t\n96.0,133.0,0.0,3811\n20.0,51.0,1.0,3820\n7.0,8.0,1.0,1003820\n", columns: "x,y,p,t[us]"},
		{name: "an order that only the user knows", text: "133 96 0 3811\n51 20 1 3820\n8 7 1 1003820\n", given: "y,x,p,t",
			columns: "y,x,p,t[us]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := kit.Decode(strings.NewReader(tt.text), formattest.Options{Columns: tt.given}, 64)
			if err != nil {
				t.Fatal(err)
			}
			wantData := formattest.Data{
				Info:   format.Info{Format: "csv", Width: tt.width, Height: tt.height, Header: format.Header{{Key: "columns", Value: tt.columns}}},
				Events: want,
			}
			if diff := cmp.Diff(wantData, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestMalformedLinesAreSkippedAndCounted(t *testing.T) {
	t.Parallel()
	text := "t,x,y,p\n1,2,3,1\n2,2\n3,x,3,1\n4,70000,3,1\n5,2,3,7\n99999999999999999999,2,3,1\n6,2,3,0\n7,1.5,3,0\n" +
		strings.Repeat("8", 10_000) + "\n9,2,3,1,extra\n"
	got := kit.MustDecode(t, []byte(text), "")
	if diff := cmp.Diff([]pipeline.Event{{T: 1, X: 2, Y: 3, P: 1}, {T: 6, X: 2, Y: 3}, {T: 9, X: 2, Y: 3, P: 1}}, got.Events); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]uint64{"malformed_line": 7}, formattest.DamageCounts(got.Damage)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestATextWithoutLineEndsTakesNoMemory(t *testing.T) {
	text := append([]byte("t,x,y,p\n1,2,3,1\n"), bytes.Repeat([]byte("7"), 1<<20)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	d, err := kit.Decode(bytes.NewReader(text), formattest.Options{}, 64)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	took := after.TotalAlloc - before.TotalAlloc
	if took > 2*format.InputBlock || len(d.Events) != 1 || formattest.DamageCounts(d.Damage)["malformed_line"] != 1 {
		t.Errorf("%d bytes taken, %d events, damage %v", took, len(d.Events), d.Damage)
	}
}

func TestColumnsThatCannotBeToldAreAnError(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"three columns": "1 2 3\n4 5 6\n",
		"no polarity":   "1 2 3 4\n5 6 7 8\n",
		"prose":         "it was a dark and stormy night\n",
	} {
		if _, err := kit.Decode(strings.NewReader(text), formattest.Options{Format: "csv"}, 64); err == nil ||
			!strings.Contains(err.Error(), "name the columns") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := kit.Decode(strings.NewReader("1 2 3 4\n"), formattest.Options{Format: "csv", Columns: "t,x,y"}, 64); err == nil ||
		!strings.Contains(err.Error(), "once each") {
		t.Errorf("columns without p: error %v", err)
	}
}

// Thousands that are set apart by commas within quotes are one number.
func TestGroupsOfDigitsWithinQuotes(t *testing.T) {
	t.Parallel()
	want := []pipeline.Event{
		{T: 998, X: 3, Y: 4, P: 1}, {T: 1000, X: 1003, Y: 4}, {T: 1_234_567, X: 5, Y: 1006, P: 1}, {T: 2_000_000, X: 7, Y: 8},
	}
	for _, text := range []string{
		"t,x,y,p\n998,3,4,1\n\"1,000\",\"1,003\",4,0\n\"1,234,567\",5,\"1,006\",1\n\"2,000,000\",7,8,0\n",
		"3,4,1,998\n\"1,003\",4,0,\"1,000\"\n5,\"1,006\",1,\"1,234,567\"\n7,8,0,\"2,000,000\"\n",
		"\"t\",\"x\",\"y\",\"p\"\r\n\"998\",\"3\",\"4\",\"1\"\r\n\"1,000\",\"1,003\",\"4\",\"0\"\r\n" +
			"\"1,234,567\",\"5\",\"1,006\",\"1\"\r\n\"2,000,000\",\"7\",\"8\",\"0\"\r\n",
		"i;t;x;y;p\n0;998;3;4;1\n1;\"1,000\";\"1,003\";4;0\n2;\"1,234,567\";5;\"1,006\";1\n\"3\";\"2,000,000\";7;8;0\n",
	} {
		got := kit.MustDecode(t, []byte(text), "")
		if diff := formattest.DiffEvents(want, got.Events); diff != "" || len(got.Damage) > 0 {
			t.Errorf("%q: damage %v, -want +got:\n%s", text, got.Damage, diff)
		}
	}
	// A line within quotes is not one number, and "1,00" is none.
	lines := strings.Repeat("\"900,100,200,1\"\n", 12) + "\"1,00\",3,4,1\n\"903,103,203,1\"\n"
	got := kit.MustDecode(t, []byte(lines), "")
	if n := len(got.Events); n != 13 || got.Events[12] != (pipeline.Event{T: 903, X: 103, Y: 203, P: 1}) || len(got.Damage) != 1 {
		t.Errorf("%v, damage %v", got.Events, got.Damage)
	}
}

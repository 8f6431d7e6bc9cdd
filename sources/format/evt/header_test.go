package evt

import (
	"bytes"
	"strings"
	"testing"

	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
)

func TestRawHeadersTellFormatAndSize(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, head    string
		format        string
		width, height int
	}{
		{"the format line", "% format EVT3;height=720;width=1280\n% end\n", "evt3", 1280, 720},
		{"the old evt and geometry lines", "% evt 2.0\n% geometry 346x260\n", "evt2", 346, 260},
		{"a Gen3 system", "% evt 2.0\n% system_ID 21\n", "evt2", 640, 480},
		{"an EVK3 Gen4.1, without evt", "% system_ID 48\n", "evt3", 1280, 720},
		{"an EVK3 Gen3.1 that writes EVT3", "% system_ID 40\n% integrator_name Prophesee\n", "evt3", 640, 480},
		{"format counts before evt", "% evt 2.0\n% format EVT3;height=10;width=20\n", "evt3", 20, 10},
		{"the name with a dot", "% format EVT2.1;height=10;width=20\n", "evt21", 20, 10},
		{"another maker's system numbers mean nothing", "% evt 3.0\n% system_ID 48\n% integrator_name Century\n", "evt3", 0, 0},
		{"an unknown system", "% evt 3.0\n% system_ID 999\n", "evt3", 0, 0},
		{"EVT4", "% format EVT4;height=320;width=320\n% end\n", "evt4", 320, 320},
		{"carriage returns", "% evt 3.0\r\n% geometry 20x10\r\n% end\r\n", "evt3", 20, 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := kit.MustDecode(t, []byte(tt.head+"\x00\x80\x00\x80\x00\x80\x00\x80"), "")
			want := format.Info{Format: tt.format, Width: tt.width, Height: tt.height, Header: got.Info.Header}
			if diff := cmp.Diff(want, got.Info); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAHeaderEndsAtItsEndAlone(t *testing.T) {
	t.Parallel()
	for head, fields := range map[string]int{
		"% evt 3.0\n% end\n":                                1,
		"% evt 3.0\n% end 5\n% other 7\n% end\n":            3, // a field that is called end
		"% evt 3.0\n% end\n% evt 2.0\n":                     1,
		"% evt 3.0\n% ending\n% end\n":                      2,
		"% evt 3.0\n% t0 " + strings.Repeat("9", 30) + "\n": 2, // no number that there is
	} {
		got := kit.MustDecode(t, []byte(head+"\x01\x80\x02\x60\x03\x00\x04\x20"), "")
		if len(got.Info.Header) != fields {
			t.Errorf("%q: header %v, want %d fields", head, got.Info.Header, fields)
		}
		if strings.Contains(head, "evt 2.0") {
			continue // the second header is data
		}
		if len(got.Events) != 1 || got.Events[0].T != 4098 || got.Events[0].X != 4 {
			t.Errorf("%q: events %v", head, got.Events)
		}
	}
}

func TestAHeaderSaysWhenItsTimeBegins(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]int64{"123": 123, "-5": -5, "99999999999999999999": 0, "soon": 0, "": 0} {
		if k, err := rawKindOf(format.Header{{Key: "t0", Value: value}}); err != nil || k.t0 != want {
			t.Errorf("t0 %q: %d, %v; want %d", value, k.t0, err, want)
		}
	}
}

func TestDataThatLooksLikeAHeaderLineIsData(t *testing.T) {
	t.Parallel()
	// ADDR_X words that read "% " begin the data of a header without an end.
	data := append([]byte("% evt 3.0\n% geometry 640x480\n"), 0x25, 0x20, 0x01, 0x80, 0x25, 0x20, '\n', 0x00)
	got := kit.MustDecode(t, data, "")
	if len(got.Info.Header) != 2 || formattest.DamageCounts(got.Damage)["before_time_high"] != 1 {
		t.Errorf("header %v, damage %v", got.Info.Header, got.Damage)
	}
}

func TestAHeaderWithoutEndIsBounded(t *testing.T) {
	t.Parallel()
	long := "% evt 3.0\n" + strings.Repeat("% comment that continues and on\n", format.MaxHeader/20)
	if _, err := kit.Decode(strings.NewReader(long), formattest.Options{Format: "evt3"}, 64); err == nil ||
		!strings.Contains(err.Error(), "longer than") {
		t.Errorf("error %v", err)
	}
	line := "% " + strings.Repeat("x", 2*format.MaxHeader)
	r, err := kit.NewReader(strings.NewReader(line), "bytes", formattest.Options{Format: "evt3"})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.Info.Header); n != 0 {
		t.Errorf("%d header fields", n)
	}
}

func TestAHeaderOverriddenByOptionsMayContradictItself(t *testing.T) {
	t.Parallel()
	data := []byte("% format EVT3;width=10;height=10\n% geometry 20x10\n% end\n")
	if _, err := kit.Decode(bytes.NewReader(data), formattest.Options{Width: 20, Height: 10}, 64); err != nil {
		t.Error(err)
	}
}

func TestValuesThatWouldBreakAHeaderAreMadeHarmless(t *testing.T) {
	t.Parallel()
	info := format.Info{Width: 8, Height: 8, Header: format.Header{{Key: "a key", Value: "one\ntwo"}}}
	got := kit.MustDecode(t, kit.Encode(t, "evt3", info, &format.Block{}), "")
	if v := got.Info.Header.Get("a_key"); v != "one two" {
		t.Errorf("read %q in %v", v, got.Info.Header)
	}
}

// A line that is not UTF-8 is one of a header behind a key of letters, digits, _ and -, such as
// OpenEB writes; behind any other bytes it is data.
func TestALatinLineIsOfAHeaderBehindAPlainKey(t *testing.T) {
	t.Parallel()
	const value = " caf\xe9\r\n"
	for key, want := range map[string]bool{
		"a": true, "z": true, "A": true, "Z": true, "0": true, "9": true, "-": true, "integrator_name": true, "": false,
		"`": false, "{": false, "@": false, "[": false, "/": false, ":": false, "key\xe9": false, "k.y": false,
	} {
		if got := isHeaderText([]byte("% "+key+value), false); got != want {
			t.Errorf("key %q: %t, want %t", key, got, want)
		}
	}
	for b, want := range map[string]bool{"\t": true, "\x1f": false, "\x00": false, "\x7f": false, "\xa0": true} {
		if got := isHeaderText([]byte("% key caf\xe9"+b+"\n"), false); got != want {
			t.Errorf("a value with %q: %t, want %t", b, got, want)
		}
	}
	if !isHeaderText([]byte("% café (UTF-8)\n"), false) {
		t.Error("a line in UTF-8 is refused")
	}
}

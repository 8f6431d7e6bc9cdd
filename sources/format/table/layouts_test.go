package table

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

// layoutEvents are 100 events at 2,000 events/s.
func layoutEvents() (events []pipeline.Event) {
	for i := range 100 {
		events = append(events, pipeline.Event{T: 1243 + int64(i)*497, X: uint16(i * 53 % 240), Y: uint16(i * 37 % 180), P: uint8(i / 3 % 2)})
	}
	return events
}

// layoutText writes the events as lines: a header, and a line for each by its
// number and the verbs of t, x, y and p.
func layoutText(header string, line func(i int, e pipeline.Event) string) []byte {
	var b strings.Builder
	if header != "" {
		b.WriteString(header + "\n")
	}
	for i, e := range layoutEvents() {
		b.WriteString(line(i, e) + "\n")
	}
	return []byte(b.String())
}

func utf16Bytes(text []byte, order binary.AppendByteOrder, mark bool) (b []byte) {
	if mark {
		b = order.AppendUint16(b, 0xFEFF)
	}
	for _, u := range utf16.Encode([]rune(string(text))) {
		b = order.AppendUint16(b, u)
	}
	return b
}

func TestTextAsPeopleHaveIt(t *testing.T) {
	t.Parallel()
	plain := func(_ int, e pipeline.Event) string { return fmt.Sprintf("%d,%d,%d,%d", e.T, e.X, e.Y, e.P) }
	ns := func(_ int, e pipeline.Event) string { return fmt.Sprintf("%d,%d,%d,%d", e.T*1000, e.X, e.Y, e.P) }
	word := func(on, off string) func(int, pipeline.Event) string {
		return func(_ int, e pipeline.Event) string {
			return fmt.Sprintf("%d,%d,%d,%s", e.T, e.X, e.Y, map[uint8]string{1: on, 0: off}[e.P])
		}
	}
	for name, c := range map[string]struct {
		data    []byte
		columns string
	}{
		"pandas, index first": {data: layoutText(",x,y,p,t",
			func(i int, e pipeline.Event) string { return fmt.Sprint(i, ",", e.X, ",", e.Y, ",", e.P, ",", e.T) })},
		"index without a name": {data: layoutText("x y p t", func(i int, e pipeline.Event) string {
			return fmt.Sprint(i+1, " ", e.X, " ", e.Y,
				" ", e.P, " ", e.T)
		})},
		"index and no names": {data: layoutText("", func(i int, e pipeline.Event) string {
			return fmt.Sprintf("%d,%d,%d,%d,%d", i, e.T, e.X,
				e.Y, e.P)
		})},
		"byte order mark":       {data: append([]byte("\xef\xbb\xbf"), layoutText("t,x,y,p", plain)...)},
		"mark without names":    {data: append([]byte("\xef\xbb\xbf"), layoutText("", plain)...)},
		"UTF-16, little-endian": {data: utf16Bytes(layoutText("t,x,y,p", plain), binary.LittleEndian, true)},
		"UTF-16, big-endian":    {data: utf16Bytes(layoutText("t,x,y,p", plain), binary.BigEndian, true)},
		"UTF-16 without a mark": {data: utf16Bytes(layoutText("t,x,y,p", plain), binary.LittleEndian, false)},
		"quotes": {data: layoutText(`"t","x","y","p"`, func(_ int, e pipeline.Event) string {
			return fmt.Sprintf("%q,%q,%q,%q", fmt.Sprint(e.T), fmt.Sprint(e.X), fmt.Sprint(e.Y), fmt.Sprint(e.P))
		})},
		"// comments": {data: layoutText("// events\n// t in us", plain)},
		"names in a comment": {data: layoutText("# x y t p", func(_ int, e pipeline.Event) string {
			return fmt.Sprint(e.X, " ", e.Y, " ", e.T,
				" ", e.P)
		})},
		"semicolons": {data: layoutText("t;x;y;p", func(_ int, e pipeline.Event) string {
			return fmt.Sprintf("%d;%d;%d;%d", e.T, e.X, e.Y,
				e.P)
		})},
		"semicolons, decimal comma": {data: layoutText("t[s];x;y;p", func(_ int, e pipeline.Event) string {
			return strings.ReplaceAll(fmt.Sprintf("%.6f;%d;%d;%d", float64(e.T)/1e6, e.X, e.Y, e.P), ".", ",")
		})},
		"exponents, seconds": {data: layoutText("", func(_ int, e pipeline.Event) string {
			return fmt.Sprintf("%.18e %.18e %.18e %.18e", float64(e.T)/1e6, float64(e.X), float64(e.Y), float64(e.P))
		})},
		"exponents, named unit": {data: layoutText("", func(_ int, e pipeline.Event) string {
			return fmt.Sprintf("%.18e %.18e %.18e %.18e", float64(e.T), float64(e.X), float64(e.Y), float64(e.P))
		}), columns: "t[us],x,y,p"},
		"shortest seconds": {data: layoutText("", func(_ int, e pipeline.Event) string {
			return fmt.Sprintf("%g %d %d %d", float64(e.T)/1e6, e.X, e.Y, e.P)
		})},
		"whole floats": {data: layoutText("t,x,y,p", func(_ int, e pipeline.Event) string {
			return fmt.Sprintf("%.1f,%d,%d,%d", float64(e.T), e.X,
				e.Y, e.P)
		})},
		"fractions of µs": {data: layoutText("t,x,y,p", func(_ int, e pipeline.Event) string {
			return fmt.Sprintf("%.1f,%d,%d,%d", float64(e.T)+.3, e.X, e.Y, e.P)
		})},
		"ON and OFF":        {data: layoutText("t,x,y,polarity", word("ON", "OFF"))},
		"True and False":    {data: layoutText("t,x,y,polarity", word("True", "False"))},
		"1 and 2":           {data: layoutText("t,x,y,p", word("2", "1"))},
		"255 for -1":        {data: layoutText("t,x,y,p", word("1", "255"))},
		"255 for 1":         {data: layoutText("t,x,y,p", word("255", "0"))},
		"4294967295 for -1": {data: layoutText("t,x,y,p", word("1", "4294967295"))},
		"t[ns]":             {data: layoutText("t[ns],x,y,p", ns)},
		"timestamp_ns":      {data: layoutText("timestamp_ns,x,y,polarity", ns)},
		"timestamp [ns]":    {data: layoutText("timestamp [ns], x, y, polarity", ns)},
		"time (ns), blanks": {data: layoutText("time (ns) x y p",
			func(_ int, e pipeline.Event) string { return fmt.Sprint(e.T*1000, " ", e.X, " ", e.Y, " ", e.P) })},
		"ns by the user": {data: layoutText("", ns), columns: "t[ns],x,y,p"},
		"tabs": {data: layoutText("x\ty\tp\tt", func(_ int, e pipeline.Event) string {
			return fmt.Sprintf("%d\t%d\t%d\t%d", e.X, e.Y,
				e.P, e.T)
		})},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := kit.Decode(bytes.NewReader(c.data), formattest.Options{Columns: c.columns}, 64)
			if err != nil {
				t.Fatal(err)
			}
			if diff := formattest.DiffEvents(layoutEvents(), got.Events); diff != "" || len(got.Damage) > 0 || len(got.Info.Notes) > 0 {
				t.Errorf("damage %v, notes %q, -want +got:\n%s", got.Damage, got.Info.Notes, diff)
			}
		})
	}
}

func TestARateThatNoSensorHasIsDoubted(t *testing.T) {
	t.Parallel()
	data := layoutText("t,x,y,p", func(_ int, e pipeline.Event) string { return fmt.Sprintf("%d,%d,%d,%d", e.T*1000, e.X, e.Y, e.P) })
	if got := kit.MustDecode(t, data, ""); len(got.Info.Notes) != 1 || !strings.Contains(got.Info.Notes[0], "t[ns]") {
		t.Errorf("notes %q", got.Info.Notes)
	}
}

func TestATextOfWhichNoLineIsAnEventIsAnError(t *testing.T) {
	t.Parallel()
	data := layoutText("t,x,y,p", func(_ int, e pipeline.Event) string { return fmt.Sprintf("%d,%d.25,%d.50,%d", e.T, e.X, e.Y, e.P) })
	_, err := kit.Decode(bytes.NewReader(data), formattest.Options{Format: "csv"}, 64)
	if err == nil || !strings.Contains(err.Error(), "1243,0.25,0.50,0") {
		t.Errorf("error %v", err)
	}
}

func TestAnUnknownUnitIsAnError(t *testing.T) {
	t.Parallel()
	_, err := kit.Decode(strings.NewReader("1,2,3,1\n"), formattest.Options{Format: "csv", Columns: "t[min],x,y,p"}, 64)
	if err == nil || !strings.Contains(err.Error(), `"min" is none of ns, us, ms and s`) {
		t.Errorf("error %v", err)
	}
}

// numbers appends a value of each event in a type of NumPy.
func numbers(b []byte, kind string, value func(e pipeline.Event) float64) []byte {
	for _, e := range layoutEvents() {
		b = number(b, kind, value(e))
	}
	return b
}

func number(b []byte, kind string, v float64) []byte {
	le := binary.LittleEndian
	switch kind {
	case "<i8":
		return le.AppendUint64(b, uint64(int64(v)))
	case "<f8":
		return le.AppendUint64(b, math.Float64bits(v))
	case "<f4":
		return le.AppendUint32(b, math.Float32bits(float32(v)))
	case ">f8":
		return binary.BigEndian.AppendUint64(b, math.Float64bits(v))
	case "<u4":
		return le.AppendUint32(b, uint32(int64(v)))
	}
	return append(b, byte(int8(v)))
}

func TestArraysAsPeopleHaveThem(t *testing.T) {
	t.Parallel()
	tx := func(e pipeline.Event) float64 { return float64(e.T) }
	xx := func(e pipeline.Event) float64 { return float64(e.X) }
	yx := func(e pipeline.Event) float64 { return float64(e.Y) }
	px := func(e pipeline.Event) float64 { return float64(e.P) }
	seconds := func(e pipeline.Event) float64 { return float64(e.T) / 1e6 }
	signed := func(e pipeline.Event) float64 { return 2*float64(e.P) - 1 }
	apart := func(kind string, columns ...func(pipeline.Event) float64) (b []byte) {
		for _, c := range columns {
			b = numbers(b, kind, c)
		}
		return b
	}
	together := func(kind string, columns ...func(pipeline.Event) float64) (b []byte) {
		for _, e := range layoutEvents() {
			for _, c := range columns {
				b = number(b, kind, c(e))
			}
		}
		return b
	}
	file := func(descr, shape string, fortran bool, data []byte) []byte {
		order := map[bool]string{false: "False", true: "True"}[fortran]
		return npyFile("{'descr': "+descr+", 'fortran_order': "+order+", 'shape': "+shape+"}", data...)
	}
	records := "[('t', '<f8'), ('x', '<f8'), ('y', '<f8'), ('p', '<f8')]"
	four := func(kind string, time func(pipeline.Event) float64) []byte {
		column := func(name string, value func(pipeline.Event) float64) member {
			return member{name + ".npy", file("'"+kind+"'", "(100,)", false, numbers(nil, kind, value))}
		}
		return npzFile(t, column("ts", time), column("xs", xx), column("ys", yx), column("ps", signed))
	}
	for name, c := range map[string]struct {
		data    []byte
		columns string
	}{
		"rows":               {data: file("'<i8'", "(100, 4)", false, together("<i8", tx, xx, yx, px))},
		"Fortran order":      {data: file("'<i8'", "(100, 4)", true, apart("<i8", tx, xx, yx, px))},
		"columns as rows":    {data: file("'<i8'", "(4, 100)", false, apart("<i8", tx, xx, yx, px))},
		"both":               {data: file("'<i8'", "(4, 100)", true, together("<i8", tx, xx, yx, px))},
		"x, y, p, t":         {data: file("'<f8'", "(100, 4)", false, together("<f8", xx, yx, px, tx))},
		"floats in s":        {data: file("'<f8'", "(100, 4)", false, together("<f8", seconds, xx, yx, px))},
		"floats, big-endian": {data: file("'>f8'", "(100, 4)", true, apart(">f8", seconds, xx, yx, signed))},
		"floats in µs":       {data: file("'<f4'", "(100, 4)", false, together("<f4", tx, xx, yx, px)), columns: "t[us],x,y,p"},
		"unit by the user":   {data: file("'<f8'", "(4, 100)", false, apart("<f8", seconds, xx, yx, px)), columns: "t[s],x,y,p"},
		"records of floats":  {data: file(records, "(100,)", false, together("<f8", seconds, xx, yx, signed))},
		"records, (N, 1)":    {data: file(records, "(100, 1)", false, together("<f8", seconds, xx, yx, px))},
		"records in ns": {data: file(strings.Replace(records, "'t', '<f8'", "'t_ns', '<f8'", 1), "(100,)", false,
			together("<f8", func(e pipeline.Event) float64 { return float64(e.T) * 1000 }, xx, yx, px))},
		"off as 4294967295":     {data: file("'<u4'", "(100, 4)", false, together("<u4", tx, xx, yx, signed))},
		"archive of columns":    {data: four("<f8", seconds)},
		"archive of whole ones": {data: four("<i8", tx)},
		"archive of one array":  {data: npzFile(t, member{"data.npy", file("'<i8'", "(4, 100)", false, apart("<i8", xx, yx, px, tx))})},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := kit.Decode(bytes.NewReader(c.data), formattest.Options{Columns: c.columns}, 64)
			if err != nil {
				t.Fatal(err)
			}
			if diff := formattest.DiffEvents(layoutEvents(), got.Events); diff != "" || len(got.Damage) > 0 {
				t.Errorf("damage %v, -want +got:\n%s", got.Damage, diff)
			}
		})
	}
}

func TestTimesThatAreDatesAreUnixTime(t *testing.T) {
	t.Parallel()
	const day = 1_683_158_400_000_000 // 2023-05-04, µs
	late := func(at int64) time.Time { return time.UnixMicro(day + at).UTC() }
	line := func(format string, zone ...string) func(int, pipeline.Event) string {
		return func(_ int, e pipeline.Event) string {
			return fmt.Sprintf("%s%s,%d,%d,%d", late(e.T).Format(format), strings.Join(zone, ""), e.X, e.Y, e.P)
		}
	}
	clock := func(begin string) func(int, pipeline.Event) string {
		return func(_ int, e pipeline.Event) string {
			return fmt.Sprintf("%s%s,%d,%d,%d", begin, late(e.T).Format("15:04:05.000000"), e.X, e.Y, e.P)
		}
	}
	for name, c := range map[string]struct {
		data  []byte
		since int64 // µs
	}{
		"ISO 8601":            {layoutText("t,x,y,p", line("2006-01-02T15:04:05.000000Z")), day},
		"without names":       {layoutText("", line("2006-01-02T15:04:05.000000Z")), day},
		"pandas":              {layoutText("t,x,y,p", line("2006-01-02 15:04:05.000000")), day},
		"quoted, nanoseconds": {layoutText("t,x,y,p", line("\"2006-01-02 15:04:05.000000000\"")), day},
		"ahead of UTC":        {layoutText("t,x,y,p", line("2006-01-02T15:04:05.000000", "+02:00")), day - 2*3_600_000_000},
		"behind UTC":          {layoutText("t,x,y,p", line("2006-01-02T15:04:05.000000", "-0330")), day + 210*60_000_000},
		"clock":               {layoutText("t,x,y,p", clock("")), 0},
		"pandas' differences": {layoutText("t,x,y,p", clock("2 days ")), 2 * 86_400_000_000},
	} {
		t.Run(name, func(t *testing.T) {
			got := kit.MustDecode(t, c.data, "")
			want := layoutEvents()
			for i := range want {
				want[i].T += c.since
			}
			if diff := formattest.DiffEvents(want, got.Events); diff != "" || len(got.Damage) > 0 || len(got.Info.Notes) > 0 {
				t.Errorf("damage %v, notes %q, -want +got:\n%s", got.Damage, got.Info.Notes, diff)
			}
		})
	}
}

func TestDatesThatAreNoneAreMalformed(t *testing.T) {
	t.Parallel()
	for _, time := range []string{"2023-13-01T00:00:00", "2023-01-32T00:00:00", "2023-01-01", "2023-01-01T00:00", "2023-01-01T00:60:00",
		"2023-01-01T00:00:99", "2023-01-01T00:00:00+2", "12:00", "1:00:00", "2 days", "2 days 1", "2023-01-01T", "2023-"} {
		got := kit.MustDecode(t, []byte("t,x,y,p\n2023-01-01T00:00:00,1,2,1\n"+time+",1,2,1\n"), "csv")
		if len(got.Events) != 1 || len(got.Damage) != 1 || got.Damage[0].Kind != "malformed_line" {
			t.Errorf("%s: %d events, damage %v", time, len(got.Events), got.Damage)
		}
	}
}

func TestTextAsTablesAndListsArePrinted(t *testing.T) {
	t.Parallel()
	row := func(format string) func(int, pipeline.Event) string {
		return func(_ int, e pipeline.Event) string { return fmt.Sprintf(format, e.T, e.X, e.Y, e.P) }
	}
	for name, data := range map[string][]byte{
		"bars":               layoutText("t|x|y|p", row("%d|%d|%d|%d")),
		"bars without names": layoutText("", row("%d|%d|%d|%d")),
		"a table with rules": layoutText("| t | x | y | p |\n|---|---|---|---|", row("| %d | %d | %d | %d |")),
		"lists":              layoutText("", row("[%d, %d, %d, %d]")),
		"tuples":             layoutText("", row("(%d, %d, %d, %d)")),
		"T and F": layoutText("t,x,y,p", func(_ int, e pipeline.Event) string {
			return fmt.Sprintf("%d,%d,%d,%c", e.T, e.X, e.Y, "FT"[e.P])
		}),
		"2^64-1 for -1": layoutText("t,x,y,p", func(_ int, e pipeline.Event) string {
			return fmt.Sprintf("%d,%d,%d,%s", e.T, e.X, e.Y, [...]string{"18446744073709551615", "1"}[e.P])
		}),
		"polarity first": layoutText("", func(_ int, e pipeline.Event) string {
			return fmt.Sprintf("%s,%d,%d,%d", [...]string{"OFF", "ON"}[e.P], e.X, e.Y, e.T)
		}),
	} {
		got := kit.MustDecode(t, data, "")
		if diff := formattest.DiffEvents(layoutEvents(), got.Events); diff != "" || len(got.Damage) > 0 {
			t.Errorf("%s: damage %v, -want +got:\n%s", name, got.Damage, diff)
		}
	}
	for _, name := range []string{"t/ns", "ts-ns", "t{ns}", "timestampNs", "timestamp [nanoseconds]", "time_nanosec"} {
		data := layoutText(name+",x,y,p", func(_ int, e pipeline.Event) string { return fmt.Sprintf("%d,%d,%d,%d", e.T*1000, e.X, e.Y, e.P) })
		if diff := formattest.DiffEvents(layoutEvents(), kit.MustDecode(t, data, "").Events); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestALineThatIsNoEventDoesNotChangeTheUnit(t *testing.T) {
	t.Parallel()
	for _, odd := range []string{"nan,1,1,1", "inf,1,1,1"} {
		data := append(layoutText("t,x,y,p", func(_ int, e pipeline.Event) string { return fmt.Sprintf("%d,%d,%d,%d", e.T, e.X, e.Y, e.P) }),
			odd+"\n"...)
		got := kit.MustDecode(t, data, "")
		if diff := formattest.DiffEvents(layoutEvents(), got.Events); diff != "" || len(got.Damage) != 1 {
			t.Errorf("%s: damage %v, -want +got:\n%s", odd, got.Damage, diff)
		}
	}
}

func TestWordsBehindColumnNamesAreNoEmptyRecording(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"t,x,y,p\na,b,c,d\n", "# t x y p\n\nThe events are in events.txt\n"} {
		if _, err := kit.Decode(strings.NewReader(text), formattest.Options{Format: "csv"}, 64); err == nil {
			t.Errorf("%q: no error", text)
		}
		if claim := CSV().Sniff(format.Probe{Head: []byte(text), Whole: true}); claim.Weight > format.Possible {
			t.Errorf("%q: claimed as %v", text, claim)
		}
	}
}

func TestTimesThatNoClockShowsAreDoubted(t *testing.T) {
	t.Parallel()
	data := layoutText("t,x,y,p", func(_ int, e pipeline.Event) string {
		return fmt.Sprintf("%d,%d,%d,%d", 1_600_000_000_000_000_000+e.T, e.X, e.Y, e.P)
	})
	if got := kit.MustDecode(t, data, ""); len(got.Info.Notes) != 1 || !strings.Contains(got.Info.Notes[0], "years") {
		t.Errorf("notes %q", got.Info.Notes)
	}
}

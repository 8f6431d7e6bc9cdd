package audio

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ganglion/pipeline"
)

func TestLinesOfNumbersAreFrames(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text   string
		want   []float32
		damage []string
	}{
		"commas":          {"0.5,-1\n.25,1e-1", []float32{.5, -1, .25, .1}, nil},
		"any separator":   {"0.5; -1\n.25\t.1\n0 , 0\n 1  1 \r\n", []float32{.5, -1, .25, .1, 0, 0, 1, 1}, nil},
		"names, comments": {"# log\nleft,right\n\n0.5,-1 # first\n", []float32{.5, -1}, nil},
		"bad lines repeat": {"0.5,-1\n1\n1,2,3\nx,1\n,1\n.1,.1\n", []float32{.5, -1, .5, -1, .5, -1, .5, -1, .5, -1, .1, .1},
			[]string{"bad_line"}},
		"no number, beyond": {"0.5,NaN\n2,1e99\n", []float32{.5, 0, 1, 0}, []string{"not_a_number", "over_range"}},
		"a long line":       {"0.5\n" + strings.Repeat("1", maxLine+1) + "\n.1\n", []float32{.5, .5, .1}, []string{"bad_line"}},
	} {
		got, l, damage, err := decodeAll([]byte(c.text), "csv")
		if err != nil || l.format != "csv" || l.rate != 16000 {
			t.Errorf("%s: %v, %v", name, l, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff(c.damage, kinds(damage), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, text := range []string{"", "a,b\n", strings.Repeat("name\n", maxHead+2) + "1\n", strings.Repeat("1 ", maxChannels+1)} {
		if _, _, _, err := decodeAll([]byte(text), "csv"); err == nil {
			t.Errorf("%.20q is sound", text)
		}
	}
}

// TestABadLineRepeatsTheFrameBeforeItAndIsDated reads three channels at 100 Hz.
func TestABadLineRepeatsTheFrameBeforeItAndIsDated(t *testing.T) {
	t.Parallel()
	c := defaults(writeFile(t, "a.csv", []byte(strings.Repeat(".1,.2,.3\n", 7)+"x,y,z\n.4,.5,.6\n")))
	c.Format, c.Channels, c.Raw.Rate = "csv", "all", 100
	s, _ := open(t, c)
	if got := play(t, s); len(got) != 27 || !slices.Equal(got[21:], []float32{.1, .2, .3, .4, .5, .6}) {
		t.Errorf("frames %v", got)
	}
	if d := s.Damage(); len(d) != 1 || d[0].Kind != "bad_line" || d[0].FirstUS != 70_000 || d[0].Offset != 7*9 {
		t.Errorf("damage %v", d)
	}
}

// pieces gives one of them with each read.
type pieces []string

func (p *pieces) Read(b []byte) (int, error) {
	if len(*p) == 0 {
		return 0, io.EOF
	}
	n := copy(b, (*p)[0])
	*p = (*p)[1:]
	return n, nil
}

// What has come is delivered before more is waited for, from the first line on.
func TestLinesAreDeliveredAsTheyCome(t *testing.T) {
	t.Parallel()
	left := pieces{"volts\n.5\n", ".25\n-1\n0\n", ".75\n"}
	d, err := newCSV(newInput(&left), RawConfig{Rate: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want []float32
		left int
	}{{[]float32{.5}, 2}, {[]float32{.25, -1, 0}, 1}, {[]float32{.75}, 0}} {
		dst := make([]float32, 8)
		n, err := d.decode(dst)
		if err != nil || !slices.Equal(dst[:n], c.want) || len(left) != c.left {
			t.Errorf("%v and %d pieces left, want %v and %d (%v)", dst[:n], len(left), c.want, c.left, err)
		}
	}
	if n, err := d.decode(make([]float32, 8)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %d samples, %v", n, err)
	}
}

func TestFullScaleIsWhatBecomesOne(t *testing.T) {
	t.Parallel()
	c := defaults(writeFile(t, "a.csv", []byte("20,-5\n40,0\n50,0\n")))
	c.Format, c.Channels, c.Raw.Rate, c.Raw.FullScale = "csv", "all", 100, 40
	s, info := open(t, c)
	if diff := cmp.Diff([]float32{.5, -.125, 1, 0, 1, 0}, play(t, s)); diff != "" || info.SampleRate != 100 || info.Channels != 2 {
		t.Errorf("%+v %s", info, diff)
	}
	if diff := cmp.Diff([]string{"over_range"}, kinds(s.Damage())); diff != "" {
		t.Error(diff)
	}
	f := rawForms["f32le"]
	c = defaults(writeFile(t, "a.raw", encode(encode(nil, f, 20), f, -10)))
	c.Format, c.Raw = formatRaw, RawConfig{Rate: 100, Channels: 1, Encoding: "f32le", FullScale: 40}
	s, _ = open(t, c)
	if diff := cmp.Diff([]float32{.5, -.25}, play(t, s)); diff != "" {
		t.Error(diff)
	}
}

func TestNumbersAreReadWithoutAllocation(t *testing.T) {
	var b strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&b, "%g,%g\n", float64(i%100)/100, -float64(i%77)/100)
	}
	c := defaults(writeFile(t, "a.csv", []byte(b.String())))
	c.Format = "csv"
	s, _ := open(t, c)
	var batch pipeline.Batch
	read := func() {
		batch.Reset()
		if err := s.Read(t.Context(), &batch); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		read()
	}
	if n := testing.AllocsPerRun(500, read); n != 0 {
		t.Errorf("%v allocations a window", n)
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("a,b\n0.5,-1\n1;2\n# x\n3\t4\n"))
	f.Add([]byte("1\n"))
	f.Add([]byte("nan,inf\n,,\n"))
	f.Fuzz(func(t *testing.T, b []byte) { fuzzDecode(t, b, "csv") })
}

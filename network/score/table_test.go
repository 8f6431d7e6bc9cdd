package score

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTableTakesMediansOverRecordingsAndMeansOverScenes(t *testing.T) {
	t.Parallel()
	var table Table
	undefined := func(f1 Figure) Result {
		var r Result
		for _, f := range r.figures() {
			*f = Undefined()
		}
		r.F1 = f1
		return r
	}
	for _, f1 := range []Figure{.9, .2, .8} {
		table.Add("disk", undefined(f1))
	}
	table.Add("noise", undefined(Undefined()))
	table.Add("slow", undefined(.4))
	if got := table.Scene("disk").F1; got != .8 {
		t.Errorf("median of disk: %v", got)
	}
	if got := table.Scene("noise").F1; got.Defined() {
		t.Errorf("noise has an F1: %v", got)
	}
	if d := cmp.Diff(Figure(.6), table.Mean().F1, approximately); d != "" {
		t.Error(d)
	}

	var b strings.Builder
	if err := table.WriteMarkdown(&b, true); err != nil {
		t.Fatal(err)
	}
	const want = `| scene | n | P | R | F1 | AP50 | MOTA | IDF1 | switches | false boxes/s | first box ms | centroid px | direction deg | wrong way | speed error | F1 range |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
| disk | 3 | | | 0.800 | | | | | | | | | | | 0.20..0.90 |
| noise | 1 | | | | | | | | | | | | | |  |
| slow | 1 | | | 0.400 | | | | | | | | | | | 0.40..0.40 |
| mean | 5 | | | 0.600 | | | | | | | | | | |  |
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}

	b.Reset()
	if err := table.WriteMarkdown(&b, false); err != nil {
		t.Fatal(err)
	}
	const narrow = `| scene | n | P | R | F1 | IDF1 | false boxes/s | first box ms | direction deg | F1 range |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
| disk | 3 | | | 0.800 | | | | | 0.20..0.90 |
| noise | 1 | | | | | | | |  |
| slow | 1 | | | 0.400 | | | | | 0.40..0.40 |
| mean | 5 | | | 0.600 | | | | |  |
`
	if d := cmp.Diff(narrow, b.String()); d != "" {
		t.Error(d)
	}
	for line := range strings.Lines(b.String()) {
		if len(line) > 101 {
			t.Errorf("%d columns: %s", len(line)-1, line)
		}
	}
}

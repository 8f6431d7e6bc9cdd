package digits

import (
	"strings"
	"testing"
)

func TestTakesSayWhichRecordingsAreMeant(t *testing.T) {
	t.Parallel()
	theirs := func(take int) Recording { return Recording{Speaker: "theo", Take: take} }
	other := func(take int) Recording { return Recording{Speaker: "lucas", Take: take} }
	for _, c := range []struct {
		text, speaker               string
		recording                   Recording
		selects, holdsOut, isTested bool
	}{
		{"", "", theirs(0), true, true, true},
		{"3", "", theirs(3), true, true, true},
		{"3", "", theirs(2), false, false, false},
		{"3", "", theirs(4), false, false, false},
		{"2-4", "", theirs(2), true, true, true},
		{"2-4", "", theirs(4), true, true, true},
		{"2-4", "", theirs(5), false, false, false},
		{"2-4", "", theirs(1), false, false, false},
		{"2-4", "theo", theirs(3), true, true, true},
		{"2-4", "theo", other(3), false, true, false},
		{"2-4", "theo", theirs(9), false, true, true}, // the speaker is held out whatever the number
		{"2-4", "theo", other(9), false, false, false},
		{"", "theo", other(9), false, true, false},
	} {
		takes, err := ParseTakes(c.text, c.speaker)
		if err != nil {
			t.Fatal(err)
		}
		r := c.recording
		if takes.Selects(r) != c.selects || takes.HoldsOut(r) != c.holdsOut || takes.Tests(r) != c.isTested {
			t.Errorf("%q of %q, take %d of %s: selected %t, held out %t, tested %t", c.text, c.speaker, r.Take, r.Speaker, takes.Selects(r),
				takes.HoldsOut(r), takes.Tests(r))
		}
	}
	for _, text := range []string{"a", "4-2", "1-", "-1", "1-2-3", " 1"} {
		if _, err := ParseTakes(text, ""); err == nil || !strings.Contains(err.Error(), "want N or FIRST-LAST") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

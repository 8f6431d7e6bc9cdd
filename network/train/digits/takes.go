package digits

import (
	"fmt"
	"strconv"
	"strings"
)

// Takes tells which recordings are meant.
type Takes struct {
	first, last int
	speaker     string
}

// ParseTakes reads "N", "FIRST-LAST" or nothing for all.
func ParseTakes(text, speaker string) (Takes, error) {
	t := Takes{speaker: speaker, last: 1 << 30}
	if text == "" {
		return t, nil
	}
	from, to, isRange := strings.Cut(text, "-")
	if !isRange {
		to = from
	}
	var err1, err2 error
	t.first, err1 = strconv.Atoi(from)
	t.last, err2 = strconv.Atoi(to)
	if err1 != nil || err2 != nil || t.last < t.first {
		return t, fmt.Errorf("--recordings %q: want N or FIRST-LAST", text)
	}
	return t, nil
}

func (t Takes) numbered(r Recording) bool { return r.Take >= t.first && r.Take <= t.last }

// Selects reports whether a recording has one of the numbers and is the speaker's,
// if one is named.
func (t Takes) Selects(r Recording) bool {
	return t.numbered(r) && (t.speaker == "" || r.Speaker == t.speaker)
}

// HoldsOut reports whether a recording is kept from training.
func (t Takes) HoldsOut(r Recording) bool { return t.numbered(r) || r.Speaker == t.speaker }

// Tests reports whether a trained network is tested on a recording: all of the
// speaker held out, if there is one, or all with the numbers.
func (t Takes) Tests(r Recording) bool {
	if t.speaker != "" {
		return r.Speaker == t.speaker
	}
	return t.numbered(r)
}

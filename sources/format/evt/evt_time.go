package evt

// EVT2, EVT2.1 and EVT4 carry time in two parts: a TIME_HIGH word with bits
// 33..6 of the microseconds, and the low 6 bits in each event. After 2^34 µs
// (4.77 h) the time starts over.
//
// An extension that faery and this package share: a header line "t0 N" is
// added to every time, so that recordings that do not start near zero keep
// their 64-bit times. Readers that do not know it see the time modulo 2^34.

const (
	lowBits  = 6
	lowMask  = 1<<lowBits - 1
	highMask = 1<<28 - 1
	evtWrap  = int64(1) << 34 // µs
)

// evt2WrapSlack is how far from the ends of the range (µs) a TIME_HIGH may
// fall from and to for it to count as the time starting over. Any other
// decrease is a defect, not a leap of hours (openeb evt2_decoder.h).
const evt2WrapSlack = 10000

// highTime rebuilds 64-bit time from TIME_HIGH words.
type highTime struct {
	base  int64 // sensor time of low part 0, µs
	t0    int64 // what is added to every time, µs
	loop  int64 // t0 and what the wraps so far add, µs
	known bool  // a TIME_HIGH was seen
	// A decrease by at least this much is a wrap, µs.
	wrap int64
}

func newHighTime(t0, wrap int64) highTime { return highTime{t0: t0, loop: t0, wrap: wrap} }

// set takes a TIME_HIGH and says by how much the time moved, µs.
func (h *highTime) set(high uint32) (delta int64) {
	base := int64(high&highMask)<<lowBits + h.loop
	if !h.known {
		h.base, h.known = base, true
		return 0
	}
	switch delta = base - h.base; {
	case delta <= -h.wrap:
		h.loop += evtWrap
		base += evtWrap
	case delta >= h.wrap && h.loop > h.t0:
		// A word from before the wrap came late.
		h.loop -= evtWrap
		base -= evtWrap
	}
	delta = base - h.base
	h.base = base
	return delta
}

// at is the full time of an event whose low part stands in bits 27..22 of w.
func (h *highTime) at(w uint32) int64 { return h.base + int64(w>>22&lowMask) }

// highWriter finds the TIME_HIGH words from which highTime (and openeb)
// rebuild the time.
type highWriter struct {
	t0    int64 // µs
	high  int64 // of the last TIME_HIGH, counted on over the wraps
	set   bool
	words []uint32 // scratch
}

// maxLoops bounds how many wraps one step in time may cross: 203 days.
const maxLoops = 1024

// start chooses t0 by the first time and returns it: 0 as long as the format
// can express the time without it.
func (h *highWriter) start(t int64) int64 {
	h.t0 = t &^ (evtWrap - 1)
	return h.t0
}

// at reports whether time t needs no new TIME_HIGH.
func (h *highWriter) at(t int64) bool { return h.set && (t-h.t0)>>lowBits == h.high }

// to returns the values of the TIME_HIGH words to write before an event at
// time t, valid until the next call, or false when the format cannot reach it.
func (h *highWriter) to(t int64) ([]uint32, bool) {
	h.words = h.words[:0]
	d := t - h.t0
	if t < h.t0 || d < 0 {
		return nil, false
	}
	want := d >> lowBits
	if !h.set {
		h.set = true
		h.step(want)
		return h.words, true
	}
	if loops := want>>28 - h.high>>28; loops > maxLoops || loops < -maxLoops {
		return nil, false
	}
	for h.high>>28 < want>>28 {
		h.within(h.high | highMask)
		h.step(h.high + 1)
	}
	for h.high>>28 > want>>28 {
		h.within(h.high &^ highMask)
		h.step(h.high - 1)
	}
	h.within(want)
	return h.words, true
}

// within goes to a time before the next wrap, by way of the middle where a
// single step would look like a wrap.
func (h *highWriter) within(to int64) {
	if d := to - h.high; d > highMask/2 || d < -highMask/2 {
		h.step((h.high + to) / 2)
	}
	if to != h.high {
		h.step(to)
	}
}

func (h *highWriter) step(high int64) {
	h.high = high
	h.words = append(h.words, uint32(high&highMask))
}

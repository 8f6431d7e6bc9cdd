package score

import (
	"math"
	"slices"
	"time"

	"ganglion/pipeline"
)

// Words holds detections of one word against what was said, stream by stream.
//
// A detection is right if it is the first of its utterance: decided after the
// utterance began and at most late after it ended. Every other one is false,
// the second of an utterance too. False detections are counted in all streams
// and divided by the hours without the word alone, so the rate is never
// flattered by the recordings of the word.
type Words struct {
	Word string

	said, missed, wrong, again int
	without                    time.Duration
	latency                    []float64 // ms after the end of the utterance
}

// late is how long after its end an utterance can still be detected.
const late = time.Second

// Utterance is a word that was said, in stream time, µs.
type Utterance struct{ Start, End int64 }

// Add scores one stream: the utterances of the word in it, in order, and the
// detections of any word. A stream without an utterance is one without the
// word.
func (w *Words) Add(length time.Duration, said []Utterance, ds []pipeline.Detection) {
	if len(said) == 0 {
		w.without += length
	}
	found := make([]bool, len(said))
	for i := range ds {
		d := &ds[i]
		if d.Kind != pipeline.Keyword || d.Label != w.Word {
			continue
		}
		k := slices.IndexFunc(said, func(u Utterance) bool {
			return u.Start < d.T && d.T <= u.End+late.Microseconds()
		})
		switch {
		case k < 0:
			w.wrong++
		case found[k]:
			w.again++
		default:
			found[k] = true
			w.latency = append(w.latency, float64(d.T-said[k].End)/1e3)
		}
	}
	w.said += len(said)
	for _, f := range found {
		if !f {
			w.missed++
		}
	}
}

// Merge adds what another counter of the word has counted.
func (w *Words) Merge(o *Words) {
	w.said, w.missed, w.wrong, w.again = w.said+o.said, w.missed+o.missed, w.wrong+o.wrong, w.again+o.again
	w.without += o.without
	w.latency = append(w.latency, o.latency...)
}

// WordResult is how well a word is heard at one threshold.
type WordResult struct {
	Threshold   float64   `json:"threshold"`
	FRR         Figure    `json:"frr"` // missed / said
	FRR95       [2]Figure `json:"frr_95"`
	FAPerHour   Figure    `json:"fa_per_hour"` // false / hours
	FAPerHour95 [2]Figure `json:"fa_per_hour_95"`
	Hours       float64   `json:"hours"` // of streams without the word
	Said        int       `json:"said"`
	Missed      int       `json:"missed"`
	False       int       `json:"false"`      // where the word was not said
	Duplicates  int       `json:"duplicates"` // of an utterance that was detected already
	Latency     Latency   `json:"latency_ms"`
}

// Latency is from the end of the utterance to the decision, ms; negative where
// a word was known before it ended.
type Latency struct {
	P50 Figure `json:"p50"`
	P90 Figure `json:"p90"`
	P99 Figure `json:"p99"`
}

// Result is the score so far at the threshold that the detections were made
// with.
func (w *Words) Result(threshold float64) WordResult {
	frr, fa := Share(w.missed, w.said), Rate(w.wrong+w.again, w.without.Hours())
	slices.Sort(w.latency)
	return WordResult{
		Threshold: threshold, FRR: frr.Value, FRR95: [2]Figure{frr.Low, frr.High},
		FAPerHour: fa.Value, FAPerHour95: [2]Figure{fa.Low, fa.High},
		Hours: w.without.Hours(), Said: w.said, Missed: w.missed, False: w.wrong, Duplicates: w.again,
		Latency: Latency{quantile(w.latency, .5), quantile(w.latency, .9), quantile(w.latency, .99)},
	}
}

// quantile of sorted values, the nearest rank.
func quantile(v []float64, q float64) Figure {
	if len(v) == 0 {
		return Undefined()
	}
	return Figure(v[max(0, int(math.Ceil(q*float64(len(v))))-1)])
}

// AtMost picks, of results in ascending order of thresholds, the one that misses
// least at no more than rate false accepts per hour. False accepts need not fall
// with the threshold, for what crosses a low one once may cross a higher one
// twice, so all thresholds are looked at. Of neighbours that miss alike the
// middle one is taken, a margin either way that costs nothing, and none below
// even where one above is as good. Without one that has so few it is the last.
func AtMost(results []WordResult, rate float64) (WordResult, bool) {
	fits := func(i int) bool { return i < len(results) && float64(results[i].FAPerHour) <= rate }
	best := -1
	for i := range results {
		if fits(i) && (best < 0 || results[i].Missed <= results[best].Missed) {
			best = i
		}
	}
	if best < 0 {
		return results[len(results)-1], false
	}
	first := best
	for first > 0 && fits(first-1) && results[first-1].Missed == results[best].Missed && results[first-1].Threshold >= even {
		first--
	}
	return results[(first+best)/2], true
}

// even is the threshold from which on a word is likelier than not.
const even = .5

package keyword

// detector decides, step by step, when words are detected. Its times are
// numbers of steps.
type detector struct {
	words    []wordState
	cooldown int64
	wait     int64 // of a crossing for a better one; 0 for one word
	open     bool  // a crossing waits
	best     crossing
	until    int64 // the step that ends the wait
}

// wordState is what the detector knows of one word.
type wordState struct {
	threshold float32
	// armed words have been below their threshold since they last crossed.
	armed bool
	// free is the step from which the cooldown is over.
	free int64
}

// crossing is a word that reached its threshold.
type crossing struct {
	word       int
	score      float32
	start, end int64 // of the word, µs
}

func newDetector(words []Word, cooldown, lockOut int64) detector {
	d := detector{cooldown: cooldown}
	if len(words) > 1 {
		d.wait = lockOut
	}
	for _, w := range words {
		d.words = append(d.words, wordState{threshold: float32(w.Threshold), armed: true})
	}
	return d
}

// step takes the smoothed posteriors of step n, a value for each word, and
// reports whether a word is detected. span is where a word that crosses now was
// heard; while the gate is shut nothing crosses.
func (d *detector) step(n int64, posterior []float32, open bool, span func() (start, end int64)) (crossing, bool) {
	for i, p := range posterior {
		w := &d.words[i]
		switch {
		case p < w.threshold:
			w.armed = true
		case w.armed && open && n >= w.free:
			w.armed = false
			d.cross(n, crossing{word: i, score: p}, span)
		case d.open && d.best.word == i:
			d.best.score = max(d.best.score, p)
		}
	}
	if !d.open || n < d.until {
		return crossing{}, false
	}
	d.open = false
	d.words[d.best.word].free = n + d.cooldown
	return d.best, true
}

// cross lets a word contend. The first of equals stays.
func (d *detector) cross(n int64, c crossing, span func() (start, end int64)) {
	if !d.open {
		d.open, d.until = true, n+d.wait
	} else if c.score <= d.best.score {
		return
	}
	c.start, c.end = span()
	d.best = c
}

// pending settles a crossing that waits at the end of the stream.
func (d *detector) pending() (crossing, bool) {
	waits := d.open
	d.open = false
	return d.best, waits
}

package clip

// ring is the last frames of a stream: those from first to before next.
type ring struct {
	channels    int
	keep        int64     // frames that are held at least
	samples     []float32 // frame f at f modulo their number
	first, next int64
	holes       []hole // among what is held, ascending
}

// hole is frames that never came: [from, to).
type hole struct{ from, to int64 }

func newRing(channels int, keep int64) ring {
	return ring{channels: channels, keep: keep, samples: make([]float32, keep*int64(channels))}
}

// capacity is how many frames there is room for.
func (r *ring) capacity() int64 { return int64(len(r.samples) / r.channels) }

// tooFar reports that a batch that begins at a frame does not resume from what is
// held: it would be silence alone, or time went back.
func (r *ring) tooFar(frame int64) bool {
	return frame < r.next || frame-r.next >= r.keep
}

// restart forgets everything; the next batch begins at a frame.
func (r *ring) restart(frame int64) {
	r.first, r.next, r.holes = frame, frame, r.holes[:0]
}

// add appends the frames of a batch, with silence before them if some are
// missing. It grows where a batch is longer than all before, so that what a
// clip may need is never overwritten by the batch that reports it.
func (r *ring) add(frame int64, pcm []float32) {
	if r.next == r.first {
		r.restart(frame) // nothing was there before
	}
	n := int64(len(pcm) / r.channels)
	missing := frame - r.next
	if need := r.keep + missing + n; need > r.capacity() {
		r.grow(need)
	}
	if missing > 0 {
		r.holes = append(r.holes, hole{r.next, frame})
		r.silence(missing)
	}
	for len(pcm) > 0 {
		at := r.place(r.next)
		k := copy(r.samples[at:], pcm)
		pcm = pcm[k:]
		r.next += int64(k / r.channels)
	}
	r.first = max(r.first, r.next-r.capacity())
	for len(r.holes) > 0 && r.holes[0].to <= r.first {
		r.holes = r.holes[:copy(r.holes, r.holes[1:])]
	}
}

// place is where a frame lies in samples.
func (r *ring) place(frame int64) int { return int(frame%r.capacity()) * r.channels }

func (r *ring) silence(n int64) {
	for range n {
		at := r.place(r.next)
		clear(r.samples[at : at+r.channels])
		r.next++
	}
}

func (r *ring) grow(frames int64) {
	held, _ := r.cut(r.first, r.next)
	r.samples = make([]float32, frames*int64(r.channels))
	for i := range r.next - r.first {
		copy(r.samples[r.place(r.first+i):], held[i*int64(r.channels):][:r.channels])
	}
}

// cut copies frames that are held, and says how many of them are missing.
func (r *ring) cut(from, to int64) (pcm []float32, missing int64) {
	pcm = make([]float32, 0, max(to-from, 0)*int64(r.channels))
	for from < to {
		at := r.place(from)
		n := min(int(to-from)*r.channels, len(r.samples)-at)
		pcm = append(pcm, r.samples[at:at+n]...)
		for _, h := range r.holes {
			missing += max(0, min(h.to, from+int64(n/r.channels))-max(h.from, from))
		}
		from += int64(n / r.channels)
	}
	return pcm, missing
}

package code

import "ganglion/pipeline"

// level is the population of thresholds.
type level struct {
	stateless
	frame
	size int
}

func newLevel(c Config, f frame) *level { return &level{frame: f, size: c.Size} }

func (l *level) Channels() int { return l.size }

func (l *level) Append(t int64, x []float32, out *pipeline.Spikes) {
	id := uint32(0)
	for k := range l.size {
		threshold := float32(k+1) / float32(l.size+1)
		for _, v := range x {
			if v > threshold {
				out.Append(t, id)
			}
			id++
		}
	}
}

// Decode takes the middle between the highest threshold passed and the next:
// the error is at most 1/(2(L+1)).
func (l *level) Decode(_ int64, s *pipeline.Spikes, x []float32) {
	for i := range x {
		x[i] = 0.5 / float32(l.size+1)
	}
	for _, id := range s.IDs {
		x[int(id)%l.values] += 1 / float32(l.size+1)
	}
}

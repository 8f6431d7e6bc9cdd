package pipeline

import "fmt"

// Shape is the size of a layer along each axis, channel first: [C, H, W] for a
// retinotopic layer, [C] or [N] for a flat one. A neuron's id is its row-major
// index.
type Shape []int

// Size is the number of neurons.
func (s Shape) Size() int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// Spikes is a spike train of one layer over one window, in the canonical order
// that every kernel relies on: times ascend strictly from run to run, and in a
// run (all spikes of one time) the ids ascend. An id may stand twice in a run.
//
// The same form serves exact event times and a clock of 1 ms: a clocked train
// just has fewer, longer runs, and silent steps are absent.
type Spikes struct {
	T       []int64  // time of run i, µs, strictly ascending
	Offsets []uint32 // run i holds IDs[Offsets[i]:Offsets[i+1]]; len(T)+1 long once a run exists
	IDs     []uint32 // neuron ids, ascending within a run
	// Values holds one graded value per spike, parallel to IDs, or is empty
	// when every spike is worth 1 (graded spikes as on Loihi 2).
	Values []float32
}

// Reset empties the train and keeps its memory.
func (s *Spikes) Reset() {
	s.T, s.Offsets, s.IDs, s.Values = s.T[:0], s.Offsets[:0], s.IDs[:0], s.Values[:0]
}

// Len is the number of spikes.
func (s *Spikes) Len() int { return len(s.IDs) }

// Runs is the number of distinct times.
func (s *Spikes) Runs() int { return len(s.T) }

// Run returns the ids of run i. The slice belongs to the train.
func (s *Spikes) Run(i int) []uint32 { return s.IDs[s.Offsets[i]:s.Offsets[i+1]] }

// Append adds a binary spike. The caller keeps the canonical order: t is not
// below the last run's time, and within one time id is not below the last id.
func (s *Spikes) Append(t int64, id uint32) {
	if n := len(s.T); n == 0 || s.T[n-1] != t {
		s.beginRun(t)
	}
	s.IDs = append(s.IDs, id)
	s.Offsets[len(s.Offsets)-1] = uint32(len(s.IDs))
}

// AppendGraded adds a spike with a value, under the rules of [Spikes.Append].
// Binary and graded spikes do not mix in one train.
func (s *Spikes) AppendGraded(t int64, id uint32, value float32) {
	s.Append(t, id)
	s.Values = append(s.Values, value)
}

func (s *Spikes) beginRun(t int64) {
	if len(s.Offsets) == 0 {
		s.Offsets = append(s.Offsets, 0)
	}
	s.T = append(s.T, t)
	s.Offsets = append(s.Offsets, uint32(len(s.IDs)))
}

// Check reports the first breach of the canonical order for a layer of size
// neurons, or nil. Tests and decoders of foreign spike files call it.
func (s *Spikes) Check(size int) error {
	if len(s.T) == 0 {
		if len(s.IDs) != 0 {
			return fmt.Errorf("spikes: %d ids without a run", len(s.IDs))
		}
		return nil
	}
	if len(s.Offsets) != len(s.T)+1 || s.Offsets[0] != 0 || int(s.Offsets[len(s.T)]) != len(s.IDs) {
		return fmt.Errorf("spikes: offsets do not span %d runs of %d ids", len(s.T), len(s.IDs))
	}
	if len(s.Values) != 0 && len(s.Values) != len(s.IDs) {
		return fmt.Errorf("spikes: %d values for %d ids", len(s.Values), len(s.IDs))
	}
	for i, t := range s.T {
		if i > 0 && t <= s.T[i-1] {
			return fmt.Errorf("spikes: run %d at %d µs does not follow %d µs", i, t, s.T[i-1])
		}
		if s.Offsets[i] >= s.Offsets[i+1] {
			return fmt.Errorf("spikes: run %d at %d µs is empty", i, t)
		}
		run := s.Run(i)
		for j, id := range run {
			if int(id) >= size {
				return fmt.Errorf("spikes: id %d at %d µs is outside a layer of %d", id, t, size)
			}
			if j > 0 && id < run[j-1] {
				return fmt.Errorf("spikes: id %d at %d µs follows %d", id, t, run[j-1])
			}
		}
	}
	return nil
}

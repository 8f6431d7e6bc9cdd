package nirnet

import (
	"fmt"
	"math"
	"slices"

	"ganglion/network"
	"ganglion/network/nir"
)

// delays refuses times that are negative, too long or no numbers.
func (l *lowering) delays(d nir.Tensor) error {
	for i := range d.Len() {
		if us := l.micros(d.At(i)); !(us >= 0 && us < maxDelays) {
			return fmt.Errorf("a delay of %v s", d.At(i))
		}
	}
	return nil
}

// steps are the delays of a Delay node as the network counts them.
func (l *lowering) steps(d nir.Tensor) ([]int32, error) {
	steps := make([]int32, d.Len())
	for i := range steps {
		n := math.Round(d.At(i) / l.p.DT)
		if !(n <= network.MaxDelay) {
			return nil, fmt.Errorf("delay: %v s is %.6g steps of %v s, above %d; choose a larger dt", d.At(i), n, l.p.DT, network.MaxDelay)
		}
		steps[i] = int32(n)
	}
	return steps, nil
}

// later adds a Delay to the latency of what leads into it.
func (l *lowering) later(latency []int64, d *nir.Delay) []int64 {
	sum := make([]int64, max(len(latency), d.Delay.Len()))
	for i := range sum {
		sum[i] = int64(math.Round(l.micros(at(d.Delay, i))))
		if len(latency) > 0 {
			sum[i] = min(sum[i]+latency[min(i, len(latency)-1)], maxDelays)
		}
	}
	return sum
}

// latency is how long the spikes of a source take, µs. Event-driven, what feeds
// back takes a step at least: the pulse that it is cannot begin before the
// spike.
func (l *lowering) latency(s source) []int64 {
	if l.p.Method != eventMethod || !s.feedback {
		return s.latency
	}
	step := l.out.Step.Microseconds()
	if len(s.latency) == 0 {
		return []int64{step}
	}
	latency := slices.Clone(s.latency)
	for i := range latency {
		latency[i] = max(latency[i], step)
	}
	return latency
}

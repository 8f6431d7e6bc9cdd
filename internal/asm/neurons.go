package asm

import "unsafe"

// Decay multiplies each v by its decay, in 0..1, steps times, exactly as one
// step after the other would. decay is as long as v, or longer.
func Decay(v, decay []float32, steps int) {
	if steps < 1 {
		return
	}
	decay = decay[:len(v)]
	done := vectors[float32](len(v))
	if done > 0 {
		decayAVX(&v[0], &decay[0], done, steps)
	}
	for i := done; i < len(v); i++ {
		now := v[i]
		for range steps {
			next := float32(now * decay[i])
			same := next == now || next != next
			if now = next; same {
				break
			}
		}
		v[i] = now
	}
}

// Filter advances synaptic currents i by a step and puts them in the place of
// their inputs x:
//
//	i = decay*i + gain*x,  x = i
//
// All slices are as long as i, or longer.
func Filter(i, x, decay, gain []float32) {
	x, decay, gain = x[:len(i)], decay[:len(i)], gain[:len(i)]
	done := vectors[float32](len(i))
	if done > 0 {
		filterAVX(&i[0], &x[0], &decay[0], &gain[0], done)
	}
	for n := done; n < len(i); n++ {
		i[n] = float32(decay[n]*i[n]) + float32(gain[n]*x[n])
		x[n] = i[n]
	}
}

// Membranes points at the first of a run of neurons in each of their arrays.
// The order of the fields is known to the assembly.
type Membranes struct {
	V, X, Decay, Gain, Leak, Threshold, Reset *float32
	// Above holds a bit for each neuron, bit i%8 of byte i/8, that tells
	// whether it fired.
	Above *uint8
}

// Integrate advances n membranes by a step,
//
//	v = decay*v + gain*x + leak,  x = 0
//
// and resets those that lie above their threshold then.
func Integrate(m *Membranes, n int) {
	done := vectors[float32](n)
	if done > 0 {
		integrateAVX(m, done)
	}
	if done < n {
		m.integrate(done, n)
	}
}

// integrate is Integrate of the neurons from first, a multiple of 8, to n.
func (m *Membranes) integrate(first, n int) {
	v, x := unsafe.Slice(m.V, n), unsafe.Slice(m.X, n)
	decay, gain, leak := unsafe.Slice(m.Decay, n), unsafe.Slice(m.Gain, n), unsafe.Slice(m.Leak, n)
	threshold, reset := unsafe.Slice(m.Threshold, n), unsafe.Slice(m.Reset, n)
	above := unsafe.Slice(m.Above, (n+lanes-1)/lanes)
	clear(above[first/lanes:])
	for i := first; i < n; i++ {
		now := float32(decay[i]*v[i]) + float32(gain[i]*x[i]) + leak[i]
		x[i] = 0
		if now > threshold[i] {
			now = reset[i]
			above[i/lanes] |= 1 << (i % lanes)
		}
		v[i] = now
	}
}

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

// Membranes points at the first of a run of neurons in each of their arrays.
// The order of the fields is known to the assembly.
type Membranes struct {
	V, X, Decay, Gain, Leak, Threshold, Reset *float32
	// Above holds a bit for each neuron, bit i%8 of byte i/8, that is 1
	// where it fired.
	Above *uint8
	// I are the synaptic currents, nil where inputs reach the membranes whole.
	I, SynDecay, SynGain *float32
	// Alike reports that the first 8 parameters of each kind stand for all.
	Alike bool
}

// Integrate advances n neurons by a step,
//
//	i = synDecay*i + synGain*x     (where there are synaptic currents, else i = x)
//	v = decay*v + gain*i + leak,  x = 0
//
// and resets those that lie above their threshold then.
func Integrate(m *Membranes, n int) {
	done := vectors[float32](n)
	switch {
	case done == 0:
	case m.Alike:
		integrateAlikeAVX(m, done, wide)
	default:
		integrateAVX(m, done)
	}
	if done < n {
		m.integrate(done, n)
	}
}

// integrate is Integrate of the neurons from first, a multiple of 8, to n.
func (m *Membranes) integrate(first, n int) {
	parameters, mask := n, -1
	if m.Alike {
		parameters, mask = lanes, lanes-1
	}
	v, x := unsafe.Slice(m.V, n), unsafe.Slice(m.X, n)
	decay, gain, leak := unsafe.Slice(m.Decay, parameters), unsafe.Slice(m.Gain, parameters), unsafe.Slice(m.Leak, parameters)
	threshold, reset := unsafe.Slice(m.Threshold, parameters), unsafe.Slice(m.Reset, parameters)
	above := unsafe.Slice(m.Above, (n+lanes-1)/lanes)
	clear(above[first/lanes:])
	var current, synDecay, synGain []float32
	if m.I != nil {
		current, synDecay, synGain = unsafe.Slice(m.I, n), unsafe.Slice(m.SynDecay, parameters), unsafe.Slice(m.SynGain, parameters)
	}
	for i := first; i < n; i++ {
		p, input := i&mask, x[i]
		x[i] = 0
		if current != nil {
			input = float32(synDecay[p]*current[i]) + float32(synGain[p]*input)
			current[i] = input
		}
		now := float32(decay[p]*v[i]) + float32(gain[p]*input) + leak[p]
		if now > threshold[p] {
			now = reset[p]
			above[i/lanes] |= 1 << (i % lanes)
		}
		v[i] = now
	}
}

// Blocks reports how neurons are divided into blocks.
type Blocks struct {
	Size   int // neurons of a block, a multiple of 8
	Stride int // from the parameters of a block to those of the next: Size, or 0 where they are the same
}

// Integrate advances some blocks of neurons by a step, each of them after it
// slept for some steps: its v decays as by [Decay], then it is as by
// [Integrate]. m points at the first neuron of block 0, and has no synaptic
// currents; Above is in order of the list.
func (b Blocks) Integrate(m *Membranes, blocks []int32, slept []int64) {
	if len(blocks) == 0 {
		return
	}
	slept = slept[:len(blocks)]
	if fast {
		integrateBlocksAVX(m, &blocks[0], &slept[0], len(blocks), b.Size, b.Stride)
		return
	}
	for i, k := range blocks {
		first, parameters := int(k)*b.Size, int(k)*b.Stride
		at := func(p *float32, n int) *float32 { return (*float32)(unsafe.Add(unsafe.Pointer(p), 4*n)) }
		part := Membranes{
			V: at(m.V, first), X: at(m.X, first), Decay: at(m.Decay, parameters), Gain: at(m.Gain, parameters), Leak: at(m.Leak, parameters),
			Threshold: at(m.Threshold, parameters), Reset: at(m.Reset, parameters),
			Above: (*uint8)(unsafe.Add(unsafe.Pointer(m.Above), i*b.Size/lanes)),
		}
		Decay(unsafe.Slice(part.V, b.Size), unsafe.Slice(part.Decay, b.Size), int(slept[i]))
		part.integrate(0, b.Size)
	}
}

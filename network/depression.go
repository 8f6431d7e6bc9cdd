package network

import "ganglion/pipeline/state"

// depression holds the synaptic resources of a connection's presynaptic
// neurons, as far as one shard sees them. Shards that see the same neuron
// compute the same value.
type depression struct {
	growth     growth
	used       []float32 // 1-R, the missing part, as [growth] keeps it
	all        []segment
	use        float32
	scale, inv float32 // of the current time, and its inverse
}

func newDepression(d Depression, size int) *depression {
	return &depression{
		growth: newGrowth(d.Recovery), use: float32(d.Use),
		used: make([]float32, size), all: []segment{{n: int32(size)}},
	}
}

// turn moves on to the frame of sensor time t.
func (d *depression) turn(t, base int64) { d.growth.turn(t, base, d.used, d.all) }

// now sets the current time.
func (d *depression) now(t int32, clock clock) {
	if d.growth.behind(t) {
		d.turn(clock.abs(t), clock.base)
	}
	d.scale = d.growth.now(t)
	d.inv = 1 / d.scale
}

// take returns R now and spends the fraction use of it.
func (d *depression) take(id uint32) float32 {
	u := d.used[id]
	r := 1 - float32(u*d.inv)
	d.used[id] = u + float32(float32(r*d.use)*d.scale)
	return r
}

// appendDepression stores, for each presynaptic neuron, the copy of a shard
// that it reaches. One that reaches no shard has no state that matters.
func (l *layer) appendDepression(b []byte) []byte {
	for i, a := range l.blocks[0].(*lifBlock).inputs {
		if a.depress == nil {
			continue
		}
		used := make([]float32, len(a.depress.used))
		for id := range used {
			for _, blk := range l.blocks {
				in := blk.(*lifBlock).inputs[i]
				if _, _, ok := in.wiring.near(uint32(id)); ok {
					used[id] = in.depress.used[id]
					break
				}
			}
		}
		b = state.AppendSlice(b, used)
	}
	return b
}

func (l *layer) restoreDepression(r *state.Reader) {
	for i, a := range l.blocks[0].(*lifBlock).inputs {
		if a.depress == nil {
			continue
		}
		state.ReadInto(r, a.depress.used)
		for _, blk := range l.blocks {
			copy(blk.(*lifBlock).inputs[i].depress.used, a.depress.used)
		}
	}
}

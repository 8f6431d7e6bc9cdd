package code

import "ganglion/pipeline/state"

func restore(p *Pending, b []byte, size int) error {
	r := state.NewReader(b)
	p.ReadState(r, size)
	return r.Close()
}

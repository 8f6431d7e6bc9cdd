package nirnet

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/pipeline"
)

// FuzzLower takes any NIR file to the engine, under every profile: it runs or
// is refused, without a panic.
func FuzzLower(f *testing.F) {
	add := func(g *nir.Graph) {
		var b bytes.Buffer
		if err := nir.Write(&b, &nir.Model{Version: "1.0.7", Graph: g}); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes(), uint8(10))
	}
	add(tiny().Graph)
	for _, dt := range []float64{1e-3, 1e-4} {
		add(physical(dt))
	}
	add(chain(with(cubaNode(1e-3), nir.Meta{Key: "refractory", Value: nir.Scalar(1e-3)})))
	f.Fuzz(func(t *testing.T, b []byte, profile uint8) {
		if len(b) > 1<<15 {
			return
		}
		m, err := nir.Read(bytes.NewReader(b), int64(len(b)), nir.Options{SkipTypeCheck: profile&0x80 != 0, AllowNonFinite: profile&0x40 != 0})
		if err != nil {
			return
		}
		l, err := Lower(m.Graph, profiles()[int(profile&0x3f)%len(profiles())], 100*time.Microsecond)
		if err != nil || tooLarge(l.Spec) {
			return
		}
		e, err := network.New(l.Spec, 2)
		if err != nil {
			return
		}
		defer e.Close()
		in := &pipeline.Spikes{}
		for at := int64(0); at < 1000; at += 300 {
			in.Append(at, uint32(at)%uint32(l.Spec.Input.Size()))
		}
		act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(l.Spec.Layers))}
		for start := int64(0); start < 1000 && !busy(&act); start += 100 {
			var part pipeline.Spikes
			for k, at := range in.T {
				if at >= start && at < start+100 {
					part.Append(at, in.IDs[k])
				}
			}
			if err := e.Step(t.Context(), pipeline.Window{Start: start, End: start + 100}, &part, &act); errors.Is(err, network.ErrFlood) {
				return
			} else if err != nil {
				t.Fatal(err)
			}
		}
		for i, layer := range e.Layers() {
			if err := act.Layers[i].Spikes.Check(layer.Shape.Size()); err != nil {
				t.Fatalf("layer %q: %v", layer.Name, err)
			}
		}
		snap, err := e.AppendState(nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := network.New(l.Spec, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		_ = again.RestoreState(snap) // a membrane that is not a number is refused
	})
}

// busy reports whether some layer fires so much that continuing takes long.
func busy(a *pipeline.Activity) bool {
	for i := range a.Layers {
		if a.Layers[i].Spikes.Len() > 1<<16 {
			return true
		}
	}
	return false
}

// tooLarge keeps fuzzing fast.
func tooLarge(s network.Spec) bool {
	size := s.Input.Size()
	for _, l := range s.Layers {
		for _, in := range l.Inputs {
			size += len(in.Delays) + len(kernelValues(in.Kernel))
		}
	}
	return size > 1<<14 || len(s.Layers) > 32
}

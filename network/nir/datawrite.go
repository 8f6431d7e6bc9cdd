package nir

import (
	"io"

	"ganglion/internal/hdf5"
)

// WriteData writes recorded activity so that h5py, the nir package and
// [ReadData] read it.
func WriteData(dst io.Writer, d *Data) error {
	w := hdf5.NewWriter(deflateLevel)
	if err := d.write("", w.Root()); err != nil {
		return err
	}
	_, err := w.WriteTo(dst)
	return err
}

func (d *Data) write(name string, g *hdf5.GroupWriter) error {
	putType(g, "NIRGraphData")
	nodes := g.Group("nodes")
	for _, n := range d.Nodes {
		sub := nodes.Group(n.Name)
		if n.Graph != nil {
			if err := n.Graph.write(join(name, n.Name), sub); err != nil {
				return err
			}
			continue
		}
		putType(sub, "NIRNodeData")
		all := sub.Group("observables")
		for _, o := range n.Observables {
			if err := writeSeries(all.Group(o.Name), o.Series); err != nil {
				return &nirError{Node: join(name, n.Name), Param: o.Name, Err: err}
			}
		}
	}
	return nil
}

func putType(g *hdf5.GroupWriter, kind string) {
	g.Attr("__type__", hdf5.Strings(nil, []string{kind}))
}

func writeSeries(g *hdf5.GroupWriter, s Series) error {
	putType(g, s.Type())
	switch s := s.(type) {
	case *TimeGrid:
		if err := s.check(); err != nil {
			return err
		}
		g.Attr("dt", hdf5.Numbers(nil, []float64{s.DT}))
		return putTensor(g, "data", &s.Data)
	case *Events:
		if err := s.check(); err != nil {
			return err
		}
		shape := []int{s.Samples, s.Slots}
		g.Attr("n_neurons", hdf5.Numbers(nil, []int64{int64(s.Neurons)}))
		g.Attr("t_max", hdf5.Numbers(nil, []float64{s.TMax}))
		g.Put("idx", hdf5.Numbers(shape, s.Index))
		g.Put("time", hdf5.Numbers(shape, s.Time))
		if s.Value != nil {
			g.Put("value", hdf5.Numbers(shape, s.Value))
		}
	}
	return nil
}

package nir

import (
	"fmt"
	"io"
	"math"
	"slices"

	"ganglion/internal/hdf5"
)

// ReadDataFile reads the recorded activity in a file. Errors name the file.
func ReadDataFile(path string) (*Data, error) { return readFile(path, ReadData) }

// ReadData reads recorded activity of size bytes.
func ReadData(src io.ReaderAt, size int64) (*Data, error) {
	f, err := hdf5.Open(src, size)
	if err != nil {
		return nil, err
	}
	r := dataReader{}
	return r.graph("", f.Root(), 0)
}

type dataReader struct{ nodes int }

func (r *dataReader) graph(name string, g *hdf5.Group, depth int) (*Data, error) {
	if depth >= maxNesting {
		return nil, &nirError{Node: name, Err: fmt.Errorf("graphs nested more than %d deep", maxNesting)}
	}
	if kind, err := attrText(g, "__type__"); err != nil {
		return nil, &nirError{Node: name, Err: err}
	} else if kind != "NIRGraphData" {
		return nil, &nirError{Node: name, Err: fmt.Errorf("%q instead of NIRGraphData", kind)}
	}
	nodes, err := g.Group("nodes")
	if err != nil {
		return nil, &nirError{Node: name, Err: err}
	}
	d := &Data{}
	for _, key := range nodes.Names() {
		if r.nodes++; r.nodes > maxNodes {
			return nil, &nirError{Node: name, Err: fmt.Errorf("more than %d nodes", maxNodes)}
		}
		sub, err := nodes.Group(key)
		if err != nil {
			return nil, &nirError{Node: join(name, key), Err: err}
		}
		n, err := r.node(join(name, key), sub, depth)
		if err != nil {
			return nil, err
		}
		n.Name = key
		d.Nodes = append(d.Nodes, n)
	}
	return d, nil
}

func (r *dataReader) node(name string, g *hdf5.Group, depth int) (DataNode, error) {
	kind, err := attrText(g, "__type__")
	if err != nil {
		return DataNode{}, &nirError{Node: name, Err: err}
	}
	switch kind {
	case "NIRGraphData":
		sub, err := r.graph(name, g, depth+1)
		return DataNode{Graph: sub}, err
	case "NIRNodeData":
		list, err := readObservables(name, g)
		return DataNode{Observables: list}, err
	}
	return DataNode{}, &nirError{Node: name, Err: fmt.Errorf("%q is neither NIRNodeData nor NIRGraphData", kind)}
}

func readObservables(node string, g *hdf5.Group) ([]Observable, error) {
	all, err := g.Group("observables")
	if err != nil {
		return nil, &nirError{Node: node, Err: err}
	}
	var list []Observable
	for _, key := range all.Names() {
		sub, err := all.Group(key)
		if err != nil {
			return nil, &nirError{Node: node, Param: key, Err: err}
		}
		s, err := readSeries(sub)
		if err != nil {
			return nil, &nirError{Node: node, Param: key, Err: err}
		}
		list = append(list, Observable{key, s})
	}
	return list, nil
}

func readSeries(g *hdf5.Group) (Series, error) {
	kind, err := attrText(g, "__type__")
	if err != nil {
		return nil, err
	}
	switch kind {
	case "TimeGriddedData":
		return readGrid(g)
	case "EventData", "ValuedEventData":
		return readEvents(g, kind == "ValuedEventData")
	}
	return nil, fmt.Errorf("unknown kind of series %q", kind)
}

func readGrid(g *hdf5.Group) (Series, error) {
	dt, err := attrNumber(g, "dt")
	if err != nil {
		return nil, err
	}
	d, err := g.Dataset("data")
	if err != nil {
		return nil, err
	}
	t, err := readTensor(d)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	grid := &TimeGrid{dt, t}
	return grid, grid.check()
}

func (g *TimeGrid) check() error {
	if err := g.Data.check(); err != nil {
		return err
	}
	if len(g.Data.Shape) != 3 {
		return fmt.Errorf("data: shape %v instead of samples, steps, neurons", g.Data.Shape)
	}
	if !(g.DT > 0) || math.IsInf(g.DT, 0) {
		return fmt.Errorf("dt %v", g.DT)
	}
	return nil
}

func readEvents(g *hdf5.Group, valued bool) (Series, error) {
	neurons, err := attrNumber(g, "n_neurons")
	if err != nil {
		return nil, err
	}
	tmax, err := attrNumber(g, "t_max")
	if err != nil {
		return nil, err
	}
	if neurons != math.Trunc(neurons) || neurons < 0 || neurons > maxLayer {
		return nil, fmt.Errorf("n_neurons %v", neurons)
	}
	e := &Events{Neurons: int(neurons), TMax: tmax}
	index, err := g.Dataset("idx")
	if err != nil {
		return nil, err
	}
	if len(index.Shape) != 2 {
		return nil, fmt.Errorf("idx: shape %v instead of samples, events", index.Shape)
	}
	e.Samples, e.Slots = index.Shape[0], index.Shape[1]
	if e.Index, err = index.Int64s(); err != nil {
		return nil, fmt.Errorf("idx: %w", err)
	}
	if e.Time, err = like(g, "time", index.Shape); err != nil {
		return nil, err
	}
	if valued {
		if e.Value, err = like(g, "value", index.Shape); err != nil {
			return nil, err
		}
	}
	return e, e.check()
}

// like reads floats that must have a given shape.
func like(g *hdf5.Group, name string, shape []int) ([]float64, error) {
	d, err := g.Dataset(name)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(d.Shape, shape) {
		return nil, fmt.Errorf("%s: shape %v, but idx has the shape %v", name, d.Shape, shape)
	}
	v, err := d.Float64s()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
}

// check finds events of neurons that are not there and times that are none.
func (e *Events) check() error {
	n := e.Samples * e.Slots
	if len(e.Index) != n || len(e.Time) != n || e.Value != nil && len(e.Value) != n {
		return fmt.Errorf("%d indices, %d times and %d values for %d samples of %d", len(e.Index), len(e.Time), len(e.Value), e.Samples, e.Slots)
	}
	if !(e.TMax >= 0) {
		return fmt.Errorf("t_max %v", e.TMax)
	}
	for i, id := range e.Index {
		if id < -1 || id >= int64(e.Neurons) {
			return fmt.Errorf("idx %d at sample %d, event %d, of %d neurons", id, i/e.Slots, i%e.Slots, e.Neurons)
		}
		if t := e.Time[i]; id >= 0 && !(math.Abs(t) <= maxTime) {
			return fmt.Errorf("time %v at sample %d, event %d", t, i/e.Slots, i%e.Slots)
		}
	}
	return nil
}

// maxTime is the latest time of an event, s: about 30,000 years.
const maxTime = 1e12

func attrText(g *hdf5.Group, name string) (string, error) {
	a, err := g.Attr(name)
	if err != nil {
		return "", err
	}
	v, err := a.Strings()
	if err == nil && len(v) != 1 {
		err = fmt.Errorf("attribute %s: %d strings instead of one", name, len(v))
	}
	if err != nil {
		return "", err
	}
	return v[0], nil
}

func attrNumber(g *hdf5.Group, name string) (float64, error) {
	a, err := g.Attr(name)
	if err != nil {
		return 0, err
	}
	v, err := a.Float64s()
	if err == nil && len(v) != 1 {
		err = fmt.Errorf("attribute %s: %d values instead of one", name, len(v))
	}
	if err != nil {
		return 0, err
	}
	return v[0], nil
}

package nir

// Data is recorded activity of a graph's nodes (NIRGraphData, files named
// .nird): a record to replay, or the expected values of a test.
//
// In the file the root has the attribute __type__ "NIRGraphData" and a group
// "nodes"; each node is a "NIRNodeData" with a group "observables", or again a
// "NIRGraphData" where the graph is nested.
type Data struct{ Nodes []DataNode }

// DataNode is what was recorded of one node: its observables, or, of a nested
// graph, its nodes.
type DataNode struct {
	Name        string
	Observables []Observable
	Graph       *Data // nil unless the node is a nested graph
}

// Observable is one recorded quantity of a node, such as "spikes" or "v".
type Observable struct {
	Name   string
	Series Series
}

// Series is a [*TimeGrid] or [*Events].
type Series interface {
	// Type is the series' __type__ in a file.
	Type() string
}

// TimeGrid is a value per sample, time step and neuron (TimeGriddedData).
type TimeGrid struct {
	DT   float64 // s
	Data Tensor  // [samples, steps, neurons]; bools for spikes
}

// Type is "TimeGriddedData".
func (*TimeGrid) Type() string { return "TimeGriddedData" }

// Events is a list of events per sample (EventData, or ValuedEventData where
// the events carry values), in rows of equal length; unused places have index
// -1 and time +Inf.
type Events struct {
	Samples int
	Slots   int       // length of a row
	Index   []int64   // neuron, [Samples, Slots]
	Time    []float64 // s, likewise
	Value   []float64 // likewise, or nil when events carry no value
	Neurons int
	TMax    float64 // length of the recording, s
}

// Type is "EventData" or "ValuedEventData".
func (e *Events) Type() string {
	if e.Value != nil {
		return "ValuedEventData"
	}
	return "EventData"
}

// Find is the series of an observable of a node, nil when there is none. The
// name of a node in a nested graph is joined with ".".
func (d *Data) Find(node, observable string) Series {
	for _, n := range d.Nodes {
		if n.Graph != nil && len(node) > len(n.Name) && node[:len(n.Name)+1] == n.Name+"." {
			if s := n.Graph.Find(node[len(n.Name)+1:], observable); s != nil {
				return s
			}
		}
		if n.Name != node {
			continue
		}
		for _, o := range n.Observables {
			if o.Name == observable {
				return o.Series
			}
		}
	}
	return nil
}

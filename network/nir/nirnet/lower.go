package nirnet

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"ganglion/network"
	"ganglion/network/nir"
)

// Lowered is a NIR graph as the engine runs it.
type Lowered struct {
	Spec    network.Spec
	Spiking []string // names of the spiking layers, in graph order
	Output  string   // name of the layer whose activity is the graph's output
	Profile Profile
	Notes   []string      // why the profile was chosen, and what looks wrong under it
	Step    time.Duration // sensor time of one step, dt of the equations

	outputs int

	graph  *nir.Graph
	places map[string][]synapses // by linear node
	units  map[string][]float64  // what the values of scaled membranes are multiplied by
}

// Lower translates a graph. step is the sensor time of one network step, at
// least 1 µs; the profile's DT is the time step of the equations.
func Lower(g *nir.Graph, p Profile, step time.Duration) (*Lowered, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	flat, err := g.Flat()
	if err != nil {
		return nil, err
	}
	l := lowering{g: flat, p: p, index: map[string]int{}, into: map[int][]int{}, graded: map[string]bool{}, steady: map[string][]float32{},
		out: &Lowered{Step: step, Profile: p, graph: flat, places: map[string][]synapses{}, units: map[string][]float64{}}}
	if p.Method != eventMethod {
		l.out.Spec.Step = step
	}
	if err := ported(flat); err != nil {
		return nil, err
	}
	if l.shapes, err = flat.Shapes(); err != nil {
		return nil, err
	}
	if l.order, err = flat.Order(); err != nil {
		return nil, err
	}
	for i, n := range flat.Nodes {
		l.index[n.Name] = i
	}
	for i, e := range flat.Edges {
		to := l.index[e.To]
		l.into[to] = append(l.into[to], i)
	}
	for _, n := range l.order.Nodes {
		if l.alone(n) {
			l.out.Notes = append(l.out.Notes, fmt.Sprintf("node %q (%s) has no edges and is left out", flat.Nodes[n].Name, flat.Nodes[n].Op.Type()))
			continue
		}
		if err := l.node(n); err != nil {
			return nil, fmt.Errorf("node %q (%s): %w", flat.Nodes[n].Name, flat.Nodes[n].Op.Type(), err)
		}
	}
	return l.out, errors.Join(l.checkSteady(), l.checkRead())
}

// ported reports what keeps a graph from having an input and an output.
func ported(g *nir.Graph) error {
	has := func(kind string) bool {
		return slices.ContainsFunc(g.Nodes, func(n nir.Node) bool { return n.Op.Type() == kind })
	}
	switch {
	case !has("Input"):
		return errors.New("the graph has no Input: add nodes of the types Input and Output (nir.NIRGraph.from_list does)")
	case !has("Output"):
		return errors.New("the graph has no Output: add a node of that type")
	}
	return nil
}

// Tick is what times of spikes are multiples of, µs: the step, or 1 under an
// event-driven profile.
func (l *Lowered) Tick() int64 { return max(l.Spec.Step.Microseconds(), 1) }

// Outputs is how many values the network puts out.
func (l *Lowered) Outputs() int { return l.outputs }

// Labels are those of the outputs that the file states, nil where it states
// none.
func (l *Lowered) Labels() []string { return l.graph.Metadata.Texts("labels") }

type lowering struct {
	g      *nir.Graph
	p      Profile
	order  nir.Order
	shapes []nir.Shapes
	index  map[string]int  // node by name
	into   map[int][]int   // edges by the node they lead to
	graded map[string]bool // relays whose values are not whole numbers
	out    *Lowered

	// Event-driven:
	steady  map[string][]float32 // what relays pass on all the time
	returns []string             // layers that feed back
}

// alone reports whether a node that is not a port has no edge at all.
func (l *lowering) alone(n int) bool {
	switch l.g.Nodes[n].Op.(type) {
	case *nir.Input, *nir.Output:
		return false
	}
	name := l.g.Nodes[n].Name
	return len(l.into[n]) == 0 && !slices.ContainsFunc(l.g.Edges, func(e nir.Edge) bool { return e.From == name })
}

// node adds the layer of one node, if it needs one.
func (l *lowering) node(n int) error {
	node := l.g.Nodes[n]
	switch op := node.Op.(type) {
	case *nir.Input:
		if l.out.Spec.Input != nil {
			return errors.New("a second input; a network with one only can be run")
		}
		l.out.Spec.Input = layerShape(l.shapes[n].Out)
		return nil
	case *nir.Output:
		return l.output(n)
	case *nir.Flatten:
		return nil // moves no value: its consumers read its sources
	case *nir.Delay:
		if l.p.Method == eventMethod {
			return l.delays(op.Delay) // becomes the latency of the connections behind it
		}
		steps, err := l.steps(op.Delay)
		if err != nil {
			return err
		}
		return l.layer(n, network.Clocked{Rule: network.Relay, Delay: steps})
	}
	if linear(node.Op) {
		if l.feedsLinear(n) {
			return l.relay(n)
		}
		return nil // becomes kernels of its consumers
	}
	c, err := l.neuron(node)
	if err != nil {
		return err
	}
	if nir.Spiking(node.Op) {
		l.out.Spiking = append(l.out.Spiking, node.Name)
	}
	return l.layer(n, c)
}

// feedsLinear reports whether a linear node leads to anything but neurons, and so
// needs a layer of its own.
func (l *lowering) feedsLinear(n int) bool {
	for _, e := range l.g.Edges {
		if e.From != l.g.Nodes[n].Name {
			continue
		}
		switch op := l.g.Nodes[l.index[e.To]].Op.(type) {
		case *nir.Output, *nir.Flatten, *nir.Delay:
			return true
		default:
			if linear(op) {
				return true
			}
		}
	}
	return false
}

// source is something that a layer can read: the input or another layer.
type source struct {
	node     int
	feedback bool
	latency  []int64 // µs: of each neuron, or of all; nil for none
}

// sources lists what leads into a node, looking through Flatten and, where it is
// event-driven, Delay.
func (l *lowering) sources(n int, feedback bool) []source {
	var all []source
	for _, e := range l.into[n] {
		from := l.index[l.g.Edges[e].From]
		back := feedback || l.order.Feedback[e]
		switch op := l.g.Nodes[from].Op.(type) {
		case *nir.Flatten:
			all = append(all, l.sources(from, back)...)
			continue
		case *nir.Delay:
			if l.p.Method == eventMethod {
				for _, s := range l.sources(from, back) {
					s.latency = l.later(s.latency, op)
					all = append(all, s)
				}
				continue
			}
		}
		all = append(all, source{node: from, feedback: back})
	}
	return all
}

// maxDelays bounds the sum of the Delay nodes on a way, and so each of them, µs.
// The network asks for less, by the name of the layer.
const maxDelays = 1 << 50

func (l *lowering) name(n int) string {
	if _, ok := l.g.Nodes[n].Op.(*nir.Input); ok {
		return network.InputName
	}
	return l.g.Nodes[n].Name
}

// layer adds a neuron: what leads into it directly, and what leads into it
// through linear nodes, become its connections.
func (l *lowering) layer(n int, c network.Clocked) error {
	ls := network.LayerSpec{Name: l.g.Nodes[n].Name}
	in := layerShape(l.shapes[n].In)
	sources := l.sources(n, false)
	if len(sources) == 0 {
		return errors.New("no edge leads to it")
	}
	for _, s := range sources {
		if op := l.g.Nodes[s.node].Op; !linear(op) || l.feedsLinear(s.node) {
			k := network.Diagonal{Shape: in}
			ls.Inputs = append(ls.Inputs, network.Connection{From: l.name(s.node), Kernel: k, Recurrent: s.feedback, Latency: l.latency(s)})
			if err := l.addSteady(&c, s, k, layerShape(l.shapes[s.node].Out)); err != nil {
				return err
			}
			continue
		}
		if err := l.through(s, &ls, &c); err != nil {
			return err
		}
	}
	if l.early(&ls, &c) {
		return l.splitLate(n, ls, c, in)
	}
	return l.finish(n, ls, c)
}

// finish adds a layer whose connections are complete.
func (l *lowering) finish(n int, ls network.LayerSpec, c network.Clocked) (err error) {
	ls.Neuron = c
	switch l.p.Method {
	case eventMethod:
		ls.Neuron, err = l.event(n, sum(c.Drive, c.LateDrive))
	case integerMethod:
		ls.Neuron, err = l.integer(n, &ls, c)
		l.graded[ls.Name] = c.Rule == network.Relay && notWhole(ls, l.graded)
	}
	l.out.Spec.Layers = append(l.out.Spec.Layers, ls)
	return err
}

// neuron is the layer in steps of a neuron; event-driven, finish makes it.
func (l *lowering) neuron(node nir.Node) (network.Clocked, error) {
	if l.p.Method == eventMethod {
		return network.Clocked{}, nil
	}
	x, err := extensionOf(node)
	if err == nil {
		err = alike(parameters(node.Op)...)
	}
	if err != nil {
		return network.Clocked{}, err
	}
	c, scale, err := l.p.neuron(node.Op)
	if scale != nil {
		l.out.units[node.Name] = scale
	}
	if err == nil {
		err = l.p.extendNeuron(&c, x, node.Op, scale)
	}
	return c, err
}

// sensor is the sensor time of a time of the equations, s.
func (l *lowering) sensor(seconds float64) time.Duration {
	return time.Duration(math.Round(seconds / l.p.DT * float64(l.out.Step)))
}

// through adds the sources of a linear node as connections with its kernel,
// and its bias to the layer's drive.
func (l *lowering) through(via source, ls *network.LayerSpec, c *network.Clocked) error {
	k, bias, err := kernel(l.g.Nodes[via.node].Op, l.shapes[via.node])
	if err != nil {
		return fmt.Errorf("input %q: %w", l.g.Nodes[via.node].Name, err)
	}
	x, err := extensionOf(l.g.Nodes[via.node])
	if err != nil {
		return fmt.Errorf("input %q: %w", l.g.Nodes[via.node].Name, err)
	}
	recurrent, err := l.connect(via, k, x, ls, c)
	if err != nil {
		return fmt.Errorf("input %q: %w", l.g.Nodes[via.node].Name, err)
	}
	if bias == nil {
		return nil
	}
	if recurrent && l.p.LateBias {
		c.LateDrive = sum(c.LateDrive, bias)
	} else {
		c.Drive = sum(c.Drive, bias)
	}
	return nil
}

// connect adds the sources of a linear node to a layer, as connections with the node's
// kernel, and reports whether any of them is on a way back.
func (l *lowering) connect(via source, k network.Kernel, x extension, ls *network.LayerSpec, c *network.Clocked) (
	recurrent bool, err error) {
	recurrent = via.feedback
	for _, s := range l.sources(via.node, via.feedback) {
		recurrent = recurrent || s.feedback
		in := network.Connection{From: l.name(s.node), Kernel: k, Recurrent: s.feedback, Latency: l.latency(s)}
		if err := l.addSteady(c, s, k, layerShape(l.shapes[s.node].Out)); err != nil {
			return false, err
		}
		if err := l.extendSynapses(&in, x, l.g.Nodes[via.node].Op); err != nil {
			return false, err
		}
		l.note(via.node, ls)
		ls.Inputs = append(ls.Inputs, in)
	}
	return recurrent, nil
}

// note records that the next input of a layer has the weights of a linear node.
func (l *lowering) note(n int, ls *network.LayerSpec) {
	name := l.g.Nodes[n].Name
	l.out.places[name] = append(l.out.places[name], synapses{len(l.out.Spec.Layers), len(ls.Inputs)})
}

func sum(a, b []float32) []float32 {
	if a == nil || b == nil {
		return append(a[:len(a):len(a)], b...)
	}
	s := make([]float32, len(a))
	for i := range s {
		s[i] = a[i] + b[i]
	}
	return s
}

// relay adds a linear node as a layer of its own.
func (l *lowering) relay(n int) error {
	ls := network.LayerSpec{Name: l.g.Nodes[n].Name}
	c := network.Clocked{Rule: network.Relay}
	k, bias, err := kernel(l.g.Nodes[n].Op, l.shapes[n])
	if err != nil {
		return err
	}
	c.Drive = bias
	x, err := extensionOf(l.g.Nodes[n])
	if err != nil {
		return err
	}
	if _, err := l.connect(source{node: n}, k, x, &ls, &c); err != nil {
		return err
	}
	return l.finish(n, ls, c)
}

// output notes the layer that leads to the Output, or adds a relay that sums
// when there are several.
func (l *lowering) output(n int) error {
	if l.out.Output != "" {
		return errors.New("a second output; a network with one only can be run")
	}
	l.out.outputs = l.shapes[n].In.Size()
	sources := l.sources(n, false)
	if len(sources) == 1 && !sources[0].feedback && sources[0].latency == nil && l.name(sources[0].node) != network.InputName {
		l.out.Output = l.name(sources[0].node)
		return nil
	}
	l.out.Output = l.g.Nodes[n].Name
	return l.layer(n, network.Clocked{Rule: network.Relay})
}

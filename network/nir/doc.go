// Package nir reads and writes NIR, the Neuromorphic Intermediate
// Representation in which snnTorch, Norse, Sinabs, Rockpool, Lava, Nengo,
// SpikingJelly and Spyx exchange trained networks (Pedersen et al., Nature
// Communications 15, 8122, 2024), and NIRData, its form for recorded activity.
//
// # The life of a value
//
// [ReadFile] gives a [Model]: a [Graph] of named nodes, each an [Op] such as
// [*Conv] or [*LIF] with its parameters as [Tensor] values, and of edges that
// are identity wires. [Graph.Flat] takes nested graphs apart, [Graph.Order]
// says in which order to compute the nodes and which edges carry the output of
// the step before, [Graph.Shapes] says how large every layer is. [Write] goes
// the other way. [Describe] sums a model up.
//
//	m, err := nir.ReadFile("net.nir", nir.Options{})
//	g, err := m.Graph.Flat()
//	order, err := g.Order()
//	shapes, err := g.Shapes()
//
// # What a graph means
//
// Tensors have no batch and no time axis and are channel first. Several edges
// into one node are summed. An edge that stands twice in a file counts once,
// as the importers of snnTorch and Lava have it. Cycles are allowed. The
// equations of the nodes are in their types' comments; NIR leaves open how
// they are discretised (dt, Euler or exact, kind of reset, timing), which is
// for the engine's profiles to say.
//
// # The file
//
//	/version                      string
//	/node/type                    "NIRGraph"
//	/node/edges                   strings (E, 2)
//	/node/nodes/NAME/type         the node's type
//	/node/nodes/NAME/PARAMETER    a dataset each
//	/node/nodes/NAME/metadata/... anything, for people
//	/node/metadata/...
//
// A nested graph is a node with edges and nodes of its own. Names may hold
// dots. The HDF5 underneath is package hdf5's affair.
//
// # What real files get wrong
//
// The reader accepts, and says so in Model.Notes where it had to decide:
// bias and v_reset missing (zeros) and w_in missing or scalar (ones, or that value for
// every neuron) in files before nir 1.0.6; integers or pairs for stride,
// padding and dilation; "same" and "valid"; no input_shape and no input_type;
// integers stored as floats; duplicate edges; edges that name a node by part
// of its name (the nested graphs of the NIR paper's Braille networks call
// "lif1" by "lif"), as long as there is only one way to read them; Flatten
// dimensions that count a batch axis (see [Flatten]), and an input_type of
// zeros where it is not known; a leading batch axis of 1; the Input of a nested
// graph that repeats the outer graph's shape; edges to the name of a nested graph
// whose nodes stand beside it; a tau, r or w_in of infinity; parameters that
// broadcast to a layer ([C 1 1] for one of [C H W]).
//
// # Bounds
//
// Files are untrusted: at most 16,384 nodes, 2^20 edges, 16 levels of
// nesting, layers of 2^28 values, 2^25 values of neurons filled in;
// memory otherwise as package hdf5 bounds it. NaN and infinities among
// parameters other than those are an error unless Options allow them. Errors are an nirError
// with the node's name.
package nir

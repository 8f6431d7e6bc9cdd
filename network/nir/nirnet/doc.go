// Package nirnet runs NIR graphs on the engine, with the numerics of the
// simulator that a graph comes from.
//
// # The life of a graph
//
// NIR says what a network is but not how time is cut: dt, the discretisation,
// the kind of reset, when spikes leave and whether a recurrent bias counts in
// the first step differ between simulators. A [Profile] names one choice.
// [Lower] takes a graph (package nir) and a profile and gives a
// [network.Spec]: neurons become clocked layers, linear nodes between them
// become kernels of connections, biases become drives, and linear nodes whose
// output goes to other linear nodes become relay layers. Under a profile
// event-driven neurons become layers that are exact between events
// ([network.Exact]), delays become the latency of connections, and biases what
// neurons settle at; what needs steps is refused by the node's name.
//
// What NIR does not have comes from the group "ganglion" of a node's metadata
// or from the config. A network that learns while a pipeline runs is a
// learner.
//
// # Caveats
//
// A layer is a two-dimensional map, a one-dimensional one or flat; other
// shapes are taken as flat. Weights and states are float32.
package nirnet

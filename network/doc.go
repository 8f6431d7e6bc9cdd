// Package network runs spiking neural networks: an event-driven engine whose
// cost follows spikes, cut into shards that each own some neurons.
//
// A network is a [Spec]: an input shape and layers in topological order. Each
// layer has [Connection] values from earlier layers, whose kernels say which
// neurons a spike reaches with what weight, and one neuron model: [Clocked], [LIF], [Exact] or
// [TimeDifference]. [New] compiles a Spec into an [Engine], which implements
// [ganglion/pipeline.Network].
//
// # The life of a spike
//
// The engine takes the spikes of one window and goes through the layers level
// by level; layers of one level do not depend on each other. Every shard walks
// all spikes of the window in canonical order (time, then id) and adds those
// that reach its own rows to its own neurons. Neurons of a shard that cross
// their threshold append to the shard's own train. At the barrier after each
// level the trains are merged into one, again in canonical order, which the
// next level reads.
//
// # Exactness
//
// Each neuron belongs to one shard and receives its inputs in one order, so
// results are the same bit for bit for any number of shards. Leak is applied
// when a neuron is touched, over the exact gap since it was last touched, so
// results do not depend on how the stream is cut into windows either.
//
// An [Exact] neuron may also fire between its inputs. When to look at it again is
// found when it is touched, and kept in a queue of its shard; what is on its way through a
// connection with delays is kept in a queue of the engine. A loop of exact
// layers is run from event to event.
//
// All inputs of one time are added before thresholds are tested: at one time a
// neuron fires at most once.
//
// # Learning
//
// Connections of clocked layers can be plastic ([STDP]), thresholds homeostatic
// ([Homeostasis]), and neurons can inhibit each other ([Competition]). What an
// engine has learned is read, frozen, kept and rolled back between windows
// ([Engine.Learning], [Engine.Freeze], [Engine.Keep], [Engine.RollBack]), and is
// part of its snapshot. A layer whose neurons share what they learn, or all
// compete, belongs to one shard; all others learn on every shard.
//
// # Caveats
//
// Event-driven layers ([LIF], [Exact], [TimeDifference]) pass spikes on without
// delay: a spike can travel through all of them at one instant. Loops and delays
// are those of [Clocked] layers, which are clock-driven, and of [Exact] ones,
// where what feeds back takes 1 µs at least; learning is that of clocked layers
// alone. Weights are float32, times are µs.
package network

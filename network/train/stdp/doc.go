// Package stdp trains a network on camera recordings without labels, and a
// linear readout on top of it with them.
//
// # The life of a training
//
// The recordings of each class are split, four fifths for training and one
// fifth for testing. One convolution with plastic weights sees the training
// recordings one after the other: at each position one channel wins, its
// kernel moves towards the events that made it fire ([network.STDP]), and its
// threshold rises ([network.Homeostasis]), so that the channels share the work.
// No label is used. Then the weights and thresholds are frozen into a plain
// network of a convolution and IF neurons, without competition. The spikes it
// makes of a recording are counted by channel and region, and ridge regression
// finds the linear readout of the counts that tells the classes of the training
// recordings apart.
//
// [Result.Graph] is the whole network, readout included, as a NIR graph; the
// accuracies in [Result] are those of that graph under the profile "norse".
//
// # Caveats
//
// The result depends on the recordings, the configuration and the seed alone,
// not on the number of processors. Feature learning itself runs on one.
package stdp

// Package cochlea encodes sound as spikes: a front end like the inner ear's and
// a neural code.
//
// # The life of a sample
//
//	mel        PCM ─ 25 ms Hann, FFT ─▶ mel bands ─ noise floor ─ gain control ─▶ values in [0, 1] ─ code ─▶ spikes
//	gammatone  PCM ─ gammatone filters ─▶ hair cells (rectify, compress, low-pass) ─▶ LIF bushy cells ─▶ spikes
//
// mel gives a frame of values every hop; any code of package code makes spikes
// of them. gammatone goes from sample to sample and times its spikes within the
// sample, to a microsecond.
//
// # Neurons
//
// The layer has the shape [channels of the code, bands], or for a stream of
// several audio channels [channels of the code, audio channels, bands]; bands
// ascend in frequency. For mel with the level code, channel k is threshold k;
// for gammatone the channels are bushy cells of falling sensitivity.
//
// # Time
//
// A mel frame is stamped with the time of its last sample: it hears the 25 ms
// before it and nothing later. Frames lie on multiples of the hop from frame 0
// of the stream, the first where a whole window is heard. Both front ends count
// samples by the batch's FrameIndex. After a gap in the numbers hearing starts
// again: filters and windows are emptied; the gain control keeps its level.
//
// # Caveats
//
// Sums have one fixed order and no product is fused. Logarithms, roots and
// exponentials are those of the platform's math library, so spikes are the same
// on every run of one build, and between processor families up to a last bit
// next to a threshold.
package cochlea

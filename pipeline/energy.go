package pipeline

// Energy per operation at 45 nm and 0.9 V, pJ: a 32-bit floating-point add for
// one spike crossing one synapse, and multiply plus add for a dense network
// (Horowitz, "Computing's energy problem", ISSCC 2014, fig. 1.1.9). Memory
// access, which usually costs more, is left out of both.
const (
	AddPicojoules = 0.9
	MACPicojoules = 4.6
)

package nir

// Op is what a node computes: one of the pointer types of this file, or a
// nested [*Graph].
type Op interface {
	// Type is the node type's name in a file.
	Type() string
}

// Input is where the graph's input enters. Its shape may be nil only in a
// nested graph: whatever arrives.
type Input struct{ Shape []int }

// Output is where the graph's output leaves. Its shape may be nil: whatever
// arrives.
type Output struct{ Shape []int }

// Affine is y = W x + b. Weight has shape [..., out, in]; leading dimensions
// are batched.
type Affine struct{ Weight, Bias Tensor }

// Linear is y = W x, with W as in [Affine].
type Linear struct{ Weight Tensor }

// Scale is y = s x, value by value.
type Scale struct{ Scale Tensor }

// Conv is a convolution in one or two dimensions, in the sense of a
// cross-correlation as torch computes it (types Conv1d and Conv2d). All
// slices have one entry per spatial dimension, in the order of Weight.
type Conv struct {
	InputShape []int  // spatial; nil when the file does not say
	Weight     Tensor // [out, in / groups, kernel...]
	Bias       Tensor // [out]; zeros where a file has none
	Stride     []int
	Padding    Padding
	Dilation   []int
	Groups     int
}

// Padding is how many zeros surround the input of a convolution.
type Padding struct {
	Mode string // "same", "valid" or "" when Size says it
	Size []int  // on each side, by spatial dimension
}

// Pool sums (SumPool2d) or averages (AvgPool2d) over windows. The slices have
// two entries: rows, columns.
type Pool struct {
	Average                 bool
	Kernel, Stride, Padding []int
}

// Flatten joins the dimensions StartDim to EndDim, both included; negative
// ones count from the end.
//
// Files disagree on whether the dimensions count a batch axis, which NIR's
// shapes do not have: Sinabs writes start_dim 0 for "everything", Norse and
// snnTorch write 1. The values do not move in either reading, so only the
// output's shape is in doubt, and a type check accepts both.
type Flatten struct {
	StartDim, EndDim int
	InputShape       []int // nil when the file does not say
}

// Delay is y(t) = x(t - Delay), in units of time.
type Delay struct{ Delay Tensor }

// Threshold is 1 where x > Threshold, else 0.
type Threshold struct{ Threshold Tensor }

// I integrates: dv/dt = R I.
type I struct{ R Tensor }

// IF integrates as [I] and fires where v > VThreshold, after which v is VReset.
type IF struct{ R, VThreshold, VReset Tensor }

// LI leaks: Tau dv/dt = (VLeak - v) + R I.
type LI struct{ Tau, R, VLeak Tensor }

// LIF leaks as [LI] and fires as [IF].
type LIF struct{ Tau, R, VLeak, VThreshold, VReset Tensor }

// CubaLI is a leaky integrator behind a synapse: TauSyn dI/dt = -I + WIn S,
// TauMem dv/dt = (VLeak - v) + R I.
type CubaLI struct{ TauSyn, TauMem, R, VLeak, WIn Tensor }

// CubaLIF leaks as [CubaLI] and fires as [IF].
type CubaLIF struct{ TauSyn, TauMem, R, VLeak, VThreshold, VReset, WIn Tensor }

// The names of the types in a file.

// Type is "Input".
func (*Input) Type() string { return "Input" }

// Type is "Output".
func (*Output) Type() string { return "Output" }

// Type is "Affine".
func (*Affine) Type() string { return "Affine" }

// Type is "Linear".
func (*Linear) Type() string { return "Linear" }

// Type is "Scale".
func (*Scale) Type() string { return "Scale" }

// Type is "Conv1d" or "Conv2d", by the number of strides.
func (c *Conv) Type() string {
	if len(c.Stride) == 1 {
		return "Conv1d"
	}
	return "Conv2d"
}

// Type is "SumPool2d" or "AvgPool2d".
func (p *Pool) Type() string {
	if p.Average {
		return "AvgPool2d"
	}
	return "SumPool2d"
}

// Type is "Flatten".
func (*Flatten) Type() string { return "Flatten" }

// Type is "Delay".
func (*Delay) Type() string { return "Delay" }

// Type is "Threshold".
func (*Threshold) Type() string { return "Threshold" }

// Type is "I".
func (*I) Type() string { return "I" }

// Type is "IF".
func (*IF) Type() string { return "IF" }

// Type is "LI".
func (*LI) Type() string { return "LI" }

// Type is "LIF".
func (*LIF) Type() string { return "LIF" }

// Type is "CubaLI".
func (*CubaLI) Type() string { return "CubaLI" }

// Type is "CubaLIF".
func (*CubaLIF) Type() string { return "CubaLIF" }

// newOp is an empty operation of a type, nil for a name that is none.
func newOp(name string) Op {
	switch name {
	case "Input":
		return &Input{}
	case "Output":
		return &Output{}
	case "Affine":
		return &Affine{}
	case "Linear":
		return &Linear{}
	case "Scale":
		return &Scale{}
	case "Conv1d":
		return &Conv{Stride: make([]int, 1)}
	case "Conv2d":
		return &Conv{Stride: make([]int, 2)}
	case "SumPool2d":
		return &Pool{}
	case "AvgPool2d":
		return &Pool{Average: true}
	case "Flatten":
		return &Flatten{}
	case "Delay":
		return &Delay{}
	case "Threshold":
		return &Threshold{}
	case "I":
		return &I{}
	case "IF":
		return &IF{}
	case "LI":
		return &LI{}
	case "LIF":
		return &LIF{}
	case "CubaLI":
		return &CubaLI{}
	case "CubaLIF":
		return &CubaLIF{}
	}
	return nil
}

// Neuron reports whether an operation has a membrane.
func Neuron(op Op) bool {
	switch op.(type) {
	case *I, *IF, *LI, *LIF, *CubaLI, *CubaLIF:
		return true
	}
	return false
}

// Spiking reports whether an operation is a neuron that fires.
func Spiking(op Op) bool {
	switch op.(type) {
	case *IF, *LIF, *CubaLIF:
		return true
	}
	return false
}

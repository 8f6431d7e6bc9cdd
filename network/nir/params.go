package nir

import "ganglion/pipeline"

// param ties a dataset of a node to the field that keeps it. Reading, writing
// and counting all walk these lists. Exactly one of the pointers is set.
type param struct {
	name     string
	tensor   *Tensor
	numbers  *[]int
	number   *int
	padding  *Padding
	axes     int  // numbers: 0 for a list of any length, else one per axis; a single axis is written as a scalar
	optional bool // a file may leave it out
	endless  bool // it may be infinite: a membrane without a leak, or that never fires
}

func tensor(name string, t *Tensor) param     { return param{name: name, tensor: t} }
func endless(name string, t *Tensor) param    { return param{name: name, tensor: t, endless: true} }
func optional(name string, t *Tensor) param   { return param{name: name, tensor: t, optional: true} }
func withoutEnd(p param) param                { p.endless = true; return p }
func list(name string, v *[]int) param        { return param{name: name, numbers: v, optional: true} }
func axes(name string, v *[]int, n int) param { return param{name: name, numbers: v, axes: n} }

// params lists the datasets of an operation under their names in a file.
func params(op Op) []param {
	switch o := op.(type) {
	case *Input:
		return []param{list("shape", &o.Shape)}
	case *Output:
		return []param{list("shape", &o.Shape)}
	case *Affine:
		return []param{tensor("weight", &o.Weight), optional("bias", &o.Bias)}
	case *Linear:
		return []param{tensor("weight", &o.Weight)}
	case *Scale:
		return []param{tensor("scale", &o.Scale)}
	case *Conv:
		return o.params()
	case *Pool:
		return []param{axes("kernel_size", &o.Kernel, 2), axes("stride", &o.Stride, 2), axes("padding", &o.Padding, 2)}
	case *Flatten:
		return []param{
			{name: "start_dim", number: &o.StartDim}, {name: "end_dim", number: &o.EndDim},
			list("input_type", &o.InputShape),
		}
	case *Delay:
		return []param{tensor("delay", &o.Delay)}
	case *Threshold:
		return []param{tensor("threshold", &o.Threshold)}
	default:
		return neuronParams(op)
	}
}

func (c *Conv) params() []param {
	n := len(c.Stride)
	return []param{
		{name: "input_shape", numbers: &c.InputShape, axes: n, optional: true},
		tensor("weight", &c.Weight), optional("bias", &c.Bias),
		axes("stride", &c.Stride, n), {name: "padding", padding: &c.Padding, axes: n},
		axes("dilation", &c.Dilation, n), {name: "groups", number: &c.Groups},
	}
}

func neuronParams(op Op) []param {
	switch o := op.(type) {
	case *I:
		return []param{endless("r", &o.R)}
	case *IF:
		return []param{endless("r", &o.R), endless("v_threshold", &o.VThreshold), optional("v_reset", &o.VReset)}
	case *LI:
		return []param{endless("tau", &o.Tau), endless("r", &o.R), tensor("v_leak", &o.VLeak)}
	case *LIF:
		return []param{
			endless("tau", &o.Tau), endless("r", &o.R), tensor("v_leak", &o.VLeak),
			endless("v_threshold", &o.VThreshold), optional("v_reset", &o.VReset),
		}
	case *CubaLI:
		return []param{
			endless("tau_syn", &o.TauSyn), endless("tau_mem", &o.TauMem), endless("r", &o.R),
			tensor("v_leak", &o.VLeak), withoutEnd(optional("w_in", &o.WIn)),
		}
	case *CubaLIF:
		return []param{
			endless("tau_syn", &o.TauSyn), endless("tau_mem", &o.TauMem), endless("r", &o.R),
			tensor("v_leak", &o.VLeak), endless("v_threshold", &o.VThreshold),
			optional("v_reset", &o.VReset), withoutEnd(optional("w_in", &o.WIn)),
		}
	}
	return nil // a nested graph
}

// fill sets what a file left out (bias and v_reset zeros, w_in ones) and gives every
// parameter of a neuron the shape of the largest one: files hold a scalar for
// "the same for every neuron", and axes of length 1 for "the same along it".
func fill(op Op) {
	switch o := op.(type) {
	case *Affine:
		if len(o.Weight.Shape) > 1 && o.Bias.Len() == 0 {
			out := rows(&o.Weight)
			o.Bias = Float32(out, make([]float32, pipeline.Shape(out).Size()))
		}
	case *Conv:
		if len(o.Weight.Shape) == 0 {
			break
		}
		if o.Bias.Len() == 0 {
			o.Bias = Float32(o.Weight.Shape[:1:1], make([]float32, o.Weight.Shape[0]))
		}
		o.Bias.spread(o.Weight.Shape[:1:1])
	case *IF:
		missing(&o.VReset, &o.VThreshold, 0)
	case *LIF:
		missing(&o.VReset, &o.VThreshold, 0)
	case *CubaLI:
		missing(&o.WIn, &o.VLeak, 1)
	case *CubaLIF:
		missing(&o.VReset, &o.VThreshold, 0)
		missing(&o.WIn, &o.VThreshold, 1)
	}
	if !Neuron(op) {
		return
	}
	list := neuronParams(op)
	widest := list[0].tensor
	for _, p := range list {
		if p.tensor.Len() > widest.Len() || p.tensor.Len() == widest.Len() && len(p.tensor.Shape) > len(widest.Shape) {
			widest = p.tensor
		}
	}
	for _, p := range list {
		p.tensor.spread(widest.Shape)
		p.tensor.broadcast(widest.Shape)
	}
}

func missing(t, like *Tensor, value float64) {
	if t.Len() == 0 {
		*t = filled(like, value)
	}
}

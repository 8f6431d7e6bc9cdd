package nir

import (
	"slices"
	"testing"

	"ganglion/pipeline"
)

// chain joins operations one behind the other; they are named a, b, c ...
func chain(ops ...Op) *Graph {
	g := &Graph{}
	for i, op := range ops {
		name := string(rune('a' + i))
		g.Nodes = append(g.Nodes, Node{Name: name, Op: op})
		if i > 0 {
			g.Edges = append(g.Edges, Edge{g.Nodes[i-1].Name, name})
		}
	}
	return g
}

func conv2(weight Tensor, stride, dilation, groups int, p Padding) *Conv {
	return &Conv{Weight: weight, Bias: zeros(weight.Shape[0]), Stride: []int{stride, stride}, Padding: p, Dilation: []int{dilation, dilation},
		Groups: groups}
}

func TestTheShapeOfEveryNodeIsInferred(t *testing.T) {
	t.Parallel()
	pad := func(n int) Padding { return Padding{Size: []int{n, n}} }
	for name, c := range map[string]struct {
		in   []int
		op   Op
		want pipeline.Shape
	}{
		"conv2d with padding and stride":  {[]int{2, 34, 34}, conv2(zeros(16, 2, 5, 5), 2, 1, 1, pad(1)), pipeline.Shape{16, 16, 16}},
		"conv2d with a kernel not square": {[]int{1, 8, 8}, conv2(zeros(3, 1, 3, 5), 1, 1, 1, pad(0)), pipeline.Shape{3, 6, 4}},
		"conv2d with dilation":            {[]int{1, 9, 9}, conv2(zeros(1, 1, 3, 3), 1, 2, 1, pad(0)), pipeline.Shape{1, 5, 5}},
		"conv2d with groups":              {[]int{4, 5, 5}, conv2(zeros(8, 2, 1, 1), 1, 1, 2, pad(0)), pipeline.Shape{8, 5, 5}},
		"conv2d with the same padding": {[]int{1, 7, 7}, conv2(zeros(1, 1, 4, 4), 1, 1, 1, Padding{Mode: "same"}),
			pipeline.Shape{1, 7, 7}},
		"conv2d with valid padding": {[]int{1, 7, 7}, conv2(zeros(1, 1, 4, 4), 1, 1, 1, Padding{Mode: "valid"}),
			pipeline.Shape{1, 4, 4}},
		"pooling that leaves a border out": {[]int{3, 7, 5}, &Pool{Kernel: []int{2, 2}, Stride: []int{2, 2}, Padding: []int{0, 0}},
			pipeline.Shape{3, 3, 2}},
		"flatten of everything":               {[]int{3, 7, 5}, &Flatten{StartDim: 0, EndDim: -1}, pipeline.Shape{105}},
		"flatten of the last two":             {[]int{3, 7, 5}, &Flatten{StartDim: 1, EndDim: 2}, pipeline.Shape{3, 35}},
		"flatten of what is flat, with batch": {[]int{105}, &Flatten{StartDim: 1, EndDim: -1}, pipeline.Shape{105}},
		"a batched matrix":                    {[]int{2, 3}, &Linear{zeros(2, 4, 3)}, pipeline.Shape{2, 4}},
		"one neuron's parameters for a layer": {[]int{2, 3}, lif(1), pipeline.Shape{2, 3}},
		"scalar parameters for a layer":       {[]int{2, 3}, &Threshold{Scalar(1)}, pipeline.Shape{2, 3}},
		"a nest that takes what comes":        {[]int{2, 3}, chain(&Input{}, lif(2, 3), &Output{}), pipeline.Shape{2, 3}},
		"an output that takes what comes":     {[]int{2, 3}, &Output{}, pipeline.Shape{2, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			g := chain(&Input{Shape: c.in}, c.op)
			if err := g.Check(); err != nil {
				t.Fatal(err)
			}
			shapes, err := g.Shapes()
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(shapes[1].Out, c.want) || !slices.Equal(shapes[1].In, c.in) {
				t.Errorf("got %v, want %v to %v", shapes[1], c.in, c.want)
			}
		})
	}
}

func TestShapesThatDoNotFitAreNamedWithTheirNodes(t *testing.T) {
	t.Parallel()
	pool := func(k int) Op { return &Pool{Kernel: []int{k, k}, Stride: []int{1, 1}, Padding: []int{0, 0}} }
	for name, c := range map[string]struct {
		graph *Graph
		want  string
	}{
		"a matrix of the wrong width": {
			chain(&Input{Shape: []int{3}}, &Linear{zeros(2, 4)}),
			`nir: node "b" (Linear): takes the shape [4], but gets [3] from node "a" (Input)`,
		},
		"a layer where a map is wanted": {
			chain(&Input{Shape: []int{3}}, pool(1)),
			`nir: node "b" (SumPool2d): takes channels of 2 dimensions, but gets the shape [3]`,
		},
		"a kernel above its input": {
			chain(&Input{Shape: []int{1, 3, 3}}, pool(4)),
			`nir: node "b" (SumPool2d): kernel of 4 with dilation 1 in 3 values`,
		},
		"wrong channels": {
			chain(&Input{Shape: []int{3, 8, 8}}, conv2(zeros(4, 2, 3, 3), 1, 1, 1, Padding{Mode: "valid"})),
			`nir: node "b" (Conv2d): takes 2 channels of 2 dimensions, but gets the shape [3 8 8]`,
		},
		"a shape that nothing tells": {
			chain(pool(1), &Output{}),
			`nir: node "a" (SumPool2d): nothing tells the shape of its input`,
		},
		"flatten beyond the shape": {
			chain(&Input{Shape: []int{3, 2}}, &Flatten{StartDim: 0, EndDim: 2}),
			`nir: node "b" (Flatten): dimensions 0 to 2 of the shape [3 2]`,
		},
		"the same number in another shape": {
			chain(&Input{Shape: []int{3, 2}}, lif(6)),
			`nir: node "b" (LIF): takes the shape [6], but gets [3 2] from node "a" (Input); the number of values fits, so it runs with --no-type-check (in a pipeline, strict: false)`,
		},
		"a nested graph": {
			chain(&Input{Shape: []int{3}}, chain(&Input{Shape: []int{3}}, lif(4), &Output{})),
			`nir: node "b.b" (LIF): takes the shape [4], but gets [3] from node "b.a" (Input)`,
		},
		"a nested graph with two inputs": {
			chain(&Input{Shape: []int{3}}, chain(&Input{Shape: []int{3}}, &Input{Shape: []int{3}}, &Output{})),
			`nir: node "b" (NIRGraph): nested graph with two nodes of type Input: "a" and "b"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.graph.Check()
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if _, err := decode(encode(t, &Model{Graph: c.graph}), Options{}); err == nil || err.Error() != c.want {
				t.Errorf("reading: got  %v\nwant %s", err, c.want)
			}
			if _, err := decode(encode(t, &Model{Graph: c.graph}), Options{SkipTypeCheck: true}); err != nil {
				t.Errorf("reading without the check: %v", err)
			}
		})
	}
}

func TestALenientLookAsksForTheNumberOfValuesOnly(t *testing.T) {
	t.Parallel()
	if _, err := chain(&Input{Shape: []int{3, 2}}, lif(6)).Shapes(); err != nil {
		t.Error(err)
	}
	if _, err := chain(&Input{Shape: []int{3, 2}}, lif(7)).Shapes(); err == nil {
		t.Error("7 neurons take 6 values")
	}
}

// Norse and snnTorch count the batch axis in start_dim.
func TestFlattenWithABatchAxisPassesTheCheck(t *testing.T) {
	t.Parallel()
	flat := &Flatten{StartDim: 1, EndDim: -1, InputShape: []int{8, 4, 4}}
	if err := chain(&Input{Shape: []int{8, 4, 4}}, flat, &Linear{zeros(10, 128)}).Check(); err != nil {
		t.Error(err)
	}
	if err := chain(&Input{Shape: []int{8, 4, 4}}, flat, &Linear{zeros(10, 64)}).Check(); err == nil {
		t.Error("128 values go into 64")
	}
}

func TestSamePaddingPutsTheOddZeroBehind(t *testing.T) {
	t.Parallel()
	c := conv2(zeros(1, 1, 4, 3), 1, 1, 1, Padding{Mode: "same"})
	if before, after := c.Pads(0); before != 1 || after != 2 {
		t.Errorf("kernel of 4: %d before, %d after", before, after)
	}
	if before, after := c.Pads(1); before != 1 || after != 1 {
		t.Errorf("kernel of 3: %d before, %d after", before, after)
	}
}

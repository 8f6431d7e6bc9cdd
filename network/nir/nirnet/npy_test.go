package nirnet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"ganglion/pipeline"
)

// npyOf is an array as NumPy writes it.
func npyOf(version byte, descr, shape string, data any) []byte {
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, shape)
	var b bytes.Buffer
	b.WriteString("\x93NUMPY")
	b.Write([]byte{version, 0})
	if version == 1 {
		_ = binary.Write(&b, binary.LittleEndian, uint16(len(header)))
	} else {
		_ = binary.Write(&b, binary.LittleEndian, uint32(len(header)))
	}
	b.WriteString(header)
	order := binary.ByteOrder(binary.LittleEndian)
	if descr[0] == '>' {
		order = binary.BigEndian
	}
	_ = binary.Write(&b, order, data)
	return b.Bytes()
}

// fortran reports that an array is in Fortran order.
func fortran(b []byte) []byte {
	return bytes.Replace(b, []byte("'fortran_order': False"), []byte("'fortran_order': True "), 1)
}

func TestMatricesAreSpikesOfTheirValues(t *testing.T) {
	t.Parallel()
	want := pipeline.Spikes{}
	want.AppendGraded(0, 1, 2)
	want.AppendGraded(10_000, 0, 1)
	for name, b := range map[string][]byte{
		"floats":        npyOf(1, "<f4", "3, 2", []float32{0, 2, 1, 0, 0, 0}),
		"doubles":       npyOf(2, "<f8", "3, 2", []float64{0, 2, 1, 0, 0, 0}),
		"bytes":         npyOf(1, "|u1", "3, 2", []uint8{0, 2, 1, 0, 0, 0}),
		"big end":       npyOf(1, ">i4", "3, 2", []int32{0, 2, 1, 0, 0, 0}),
		"long integers": npyOf(3, "<i8", "3,2,", []int64{0, 2, 1, 0, 0, 0}),
		"halves":        npyOf(1, "<f2", "3, 2", []uint16{0, 0x4000, 0x3c00, 0x8000, 0, 0}),
		"a batch of 1":  npyOf(1, "<f4", "1, 3, 2", []float32{0, 2, 1, 0, 0, 0}),
		"Fortran order": fortran(npyOf(1, "<f4", "3, 2", []float32{0, 1, 0, 2, 0, 0})),
		"Fortran maps":  fortran(npyOf(1, "|u1", "1, 3, 2, 1", []uint8{0, 1, 0, 2, 0, 0})),
		"maps":          npyOf(1, "<i2", "3, 1, 2, 1", []int16{0, 2, 1, 0, 0, 0}),
	} {
		s, steps, err := ReadNPY(bytes.NewReader(b), pipeline.Shape{2}, 10_000)
		if err != nil || steps != 3 || !slices.Equal(s.T, want.T) || !slices.Equal(s.IDs, want.IDs) || !slices.Equal(s.Values, want.Values) {
			t.Errorf("%s: %v, %d steps, %v", name, s, steps, err)
		}
		for n := range len(b) {
			if _, _, err := ReadNPY(bytes.NewReader(b[:n]), pipeline.Shape{2}, 10_000); err == nil {
				t.Fatalf("%s: %d of %d bytes are read", name, n, len(b))
			}
		}
	}
}

func TestMatricesThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	for want, b := range map[string][]byte{
		"the network takes [2]":       npyOf(1, "<f4", "1, 3", []float32{0, 0, 0}),
		"not steps x neurons":         npyOf(1, "<f4", "2,", []float32{0, 0}),
		"numbers of the type <f3":     npyOf(1, "<f3", "1, 2", []uint16{0, 0}),
		"neuron 0: the value -Inf":    npyOf(1, "<f2", "1, 2", []uint16{0xfc00, 0}),
		"step 1, neuron 1: the value": fortran(npyOf(1, "<f2", "2, 2", []uint16{0, 0, 0, 0x7e00})),
		"neuron 1: the value NaN":     npyOf(1, "<f4", "1, 2", []float32{0, float32(math.NaN())}),
		"more than 268435456 values":  npyOf(1, "<f4", "268435456, 2", []float32{}),
		"one described by":            npyOf(1, "<c8", "1, 2", []float32{0, 0}),
		"not a NumPy array":           []byte("a CSV file, perhaps"),
		"has 268435456 values a step": npyOf(1, "|u1", "1, 268435456", []uint8{}),
	} {
		if _, _, err := ReadNPY(bytes.NewReader(b), pipeline.Shape{2}, 1000); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func FuzzReadNPY(f *testing.F) {
	f.Add(npyOf(1, "<f4", "3, 2", []float32{0, 2, 1, 0, 0, 0}))
	f.Add(fortran(npyOf(1, "<f2", "1, 3, 2", []uint16{0, 1, 2, 3, 4, 5})))
	f.Add(npyOf(2, ">i8", "1, 2", []int64{0, 2}))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, _, err := ReadNPY(bytes.NewReader(b), pipeline.Shape{2}, 1000)
		if err == nil && s.Check(2) != nil {
			t.Error(s.Check(2))
		}
	})
}

// TestARunnerBeginsFromRestAndTracesTheSameSpikes runs a recording twice, and
// step by step, and wants the same; the membrane stays at or below the
// threshold of neurons that reset to 0, and is the last one of a longer run.
func TestARunnerBeginsFromRestAndTracesTheSameSpikes(t *testing.T) {
	t.Parallel()
	p, _ := ProfileByName("norse")
	p.DT = 1e-4
	l, err := Lower(tiny().Graph, p, 1e6)
	if err != nil {
		t.Fatal(err)
	}
	in := learnInput()
	var want pipeline.Spikes
	for _, shards := range []int{1, 2} {
		r, err := NewRunner(l, shards)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for range 2 {
			_, act, err := r.Run(t.Context(), in, 0, 400)
			if err != nil {
				t.Fatal(err)
			}
			got := act.Layers[0].Spikes
			if want.T == nil {
				want = pipeline.Spikes{T: slices.Clone(got.T), IDs: slices.Clone(got.IDs)}
			}
			if len(got.T) == 0 || !slices.Equal(want.T, got.T) || !slices.Equal(want.IDs, got.IDs) {
				t.Fatal("another run, other spikes")
			}
		}
		_, act, traces, err := r.RunTraced(t.Context(), in, 0, 400, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := act.Layers[0].Spikes; !slices.Equal(want.IDs, got.IDs) || len(traces) != 400 {
			t.Fatalf("%d traces, or other spikes step by step", len(traces))
		}
		_, _, _, err = r.RunTraced(t.Context(), in, 0, 200, 0)
		if err != nil {
			t.Fatal(err)
		}
		moved := false
		for k, v := range traces {
			for i, x := range v {
				moved = moved || x > 0
				if x > 2.5 {
					t.Fatalf("step %d: membrane %d at %v, above its threshold", k, i, x)
				}
			}
		}
		if !moved {
			t.Error("no membrane moves")
		}
	}
}

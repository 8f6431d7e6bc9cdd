package cmd

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ganglion/internal/outfile"
	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

// inferFlags are the flags of infer.
type inferFlags struct {
	network       nirFlags
	inputs        []string
	spikes, layer string
	plot          string
	shards        int
	asJSON        bool
}

func newInfer() *cobra.Command {
	var f inferFlags
	cmd := &cobra.Command{
		Use:   "infer MODEL.nir FILE...",
		Short: "run a NIR network on recordings",
		Long: "infer cuts a recording into steps from its first event, without the last,\n" +
			"partial one, runs the network from rest, and prints the spikes of every layer, the\n" +
			"summed output, sparsity and energy. It takes recordings of cameras, recorded\n" +
			"spikes (.nird), and NumPy arrays of steps x neurons (.npy) whose values are spikes\n" +
			"of that worth.\n\n" +
			"A profile is a simulator (norse, snntorch, sinabs, rockpool,\n" +
			"nengo, spyx, lava, loihi), of which the layer and version follow from the\n" +
			"file, one of them (snntorch-0.9:subtract), ganglion (exact between events, no\n" +
			"steps) or auto, which is what the file suggests; `ganglion nir info` says why.",
		Example: `  ganglion infer model.nir digit.bin --profile sinabs
  ganglion infer model.nir --input digit.bin --bin 1ms --json --layer 1 --spikes layer1.npy
  ganglion infer model.nir digit.bin --layer lif1 --plot lif1.png
  ganglion infer model.nir frames.npy --bin 5ms`,
		Args: cobra.MinimumNArgs(1),
		RunE: failing(func(cmd *cobra.Command, args []string) error {
			f.inputs = append(f.inputs, args[1:]...)
			return infer(cmd, args[0], f)
		}),
	}
	flags := cmd.Flags()
	f.network.add(flags)
	flags.StringArrayVar(&f.inputs, "input", nil, "a `FILE` to run, as those behind the model")
	flags.IntVar(&f.shards, "shards", 0, "goroutines that share the neurons; 0 measures")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON, a line for each file")
	flags.StringVar(&f.spikes, "spikes", "", "write one layer's spikes to a `FILE.npy` (steps x neurons, u8; values as f4), or the "+
		"input's and all layers' to a .nird file")
	flags.StringVar(&f.layer, "layer", "", "the layer for --spikes and --plot (default: the output)")
	flags.StringVar(&f.plot, "plot", "", "draw one layer's spikes and membranes to `FILE.png`")
	return cmd
}

func infer(cmd *cobra.Command, model string, f inferFlags) (err error) {
	switch {
	case len(f.inputs) == 0:
		return usage(errors.New("infer: --input is required, or a file behind the model"))
	case len(f.inputs) > 1 && (f.spikes != "" || f.plot != ""):
		return usage(errors.New("infer: --spikes and --plot take one file"))
	case f.shards < 0:
		return usage(fmt.Errorf("infer: --shards %d", f.shards))
	}
	if err := checkPicture("plot", f.plot); err != nil {
		return err
	}
	lowered, err := f.network.load(cmd, model)
	if err != nil {
		return err
	}
	runner, err := nirnet.NewRunner(lowered, f.shards)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, runner.Close()) }()
	layer, err := f.layerOf(lowered, runner.Layers())
	if err != nil {
		return err
	}
	lost := 0
	var broken []error // of files, which cost no other
	for _, file := range f.inputs {
		in, steps, outside, err := f.read(lowered, file)
		if err != nil {
			broken = append(broken, err)
			continue
		}
		result, act, traces, err := f.run(cmd.Context(), runner, in, steps, layer)
		if err != nil {
			broken = append(broken, fmt.Errorf("%s: %w", file, err))
			continue
		}
		if err := f.print(cmd, file, lowered, result); err != nil {
			return err
		}
		if err := errors.Join(f.save(lowered, runner.Layers(), act, in, steps, layer),
			f.draw(lowered, runner.Layers()[layer], act, traces, file, layer)); err != nil {
			return err
		}
		lost += outside
	}
	if len(broken) > 0 {
		return errors.Join(broken...)
	}
	if lost > 0 {
		return dropped(fmt.Errorf("%s: %d events lie outside the network's input %v", f.inputs[0], lost, lowered.Spec.Input))
	}
	return nil
}

// run runs one recording; step by step where membranes are wanted.
func (f inferFlags) run(ctx context.Context, r *nirnet.Runner, in *pipeline.Spikes, steps, layer int) (*nirnet.Result, *pipeline.Activity,
	[][]float32, error) {
	if f.plot != "" {
		return r.RunTraced(ctx, in, 0, steps, layer)
	}
	result, act, err := r.Run(ctx, in, 0, steps)
	return result, act, nil, err
}

// print writes what the network made of a file.
func (f inferFlags) print(cmd *cobra.Command, file string, l *nirnet.Lowered, r *nirnet.Result) error {
	if r.Class == nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: all outputs are silent under the profile %s at a dt of %v s; `ganglion nir info` says which "+
			"the network wants\n",
			file, l.Profile.Name, l.Profile.DT)
	}
	name := ""
	if len(f.inputs) > 1 {
		name = file
	}
	if f.asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(struct {
			File string `json:"file,omitempty"`
			*nirnet.Result
		}{name, r})
	}
	if name != "" {
		fmt.Fprintf(cmd.OutOrStdout(), "%s\n", name)
	}
	return writeResult(cmd.OutOrStdout(), r)
}

// layerOf is the place of the layer that --layer names, or of the output.
func (f inferFlags) layerOf(l *nirnet.Lowered, layers []pipeline.Layer) (int, error) {
	name := f.layer
	if name == "" {
		name = l.Output
	}
	var names []string
	for i, layer := range layers {
		if layer.Name == name {
			return i, nil
		}
		names = append(names, layer.Name)
	}
	return 0, usage(fmt.Errorf("infer: no layer %q; there are %v", name, names))
}

// read is the network's input: a recording in steps, recorded spikes, or a
// matrix.
func (f inferFlags) read(l *nirnet.Lowered, path string) (in *pipeline.Spikes, steps, outside int, err error) {
	step := l.Step.Microseconds()
	kind := filepath.Ext(path)
	if kind == ".npy" && !nirnet.HoldsMatrix(path) {
		kind = "" // of events, not a matrix
	}
	switch kind {
	case recordExt:
		var d *nir.Data
		if d, err = nir.ReadDataFile(path); err != nil {
			return nil, 0, 0, err
		}
		in, steps, err = nirnet.Replay(d, 0, l.Spec.Input, step)
	case ".npy":
		var file *os.File
		if file, err = os.Open(path); err != nil {
			return nil, 0, 0, err
		}
		defer file.Close()
		in, steps, err = nirnet.ReadNPY(bufio.NewReader(file), l.Spec.Input, step)
	default:
		var events []pipeline.Event
		if events, err = readEvents(path); err != nil {
			return nil, 0, 0, err
		}
		in, steps, outside, err = nirnet.Bin(events, l.Spec.Input, step, l.Tick())
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return in, steps, outside, err
}

// recordExt is the ending of files with recorded spikes (NIRData).
const recordExt = ".nird"

// record writes what all layers did.
func (f inferFlags) record(l *nirnet.Lowered, layers []pipeline.Layer, a *pipeline.Activity, in *pipeline.Spikes, steps int) error {
	if f.layer != "" && f.plot == "" {
		return usage(errors.New("infer: --layer: a .nird file holds all layers"))
	}
	d, err := nirnet.Record(l.Spec.Input, layers, a, in, int64(steps)*l.Step.Microseconds())
	if err != nil {
		return err
	}
	return outfile.Replace(f.spikes, func(w io.Writer) error { return nir.WriteData(w, d) })
}

// readEvents reads a whole recording into memory.
func readEvents(path string) ([]pipeline.Event, error) {
	events, _, _, err := readRecording(path)
	return events, err
}

// readRecording is readEvents with the size of the sensor, px: what the
// recording says, or what its events need.
func readRecording(path string) (events []pipeline.Event, width, height int, err error) {
	r, err := recording.Open(path, recording.Options{})
	if err != nil {
		return nil, 0, 0, err
	}
	defer r.Close()
	block := format.NewBlock(1 << 14)
	for {
		switch err := r.Read(block); {
		case err == io.EOF:
			return events, max(width, r.Info.Width), max(height, r.Info.Height), nil
		case err != nil:
			return nil, 0, 0, err
		}
		for _, e := range block.Events {
			width, height = max(width, int(e.X)+1), max(height, int(e.Y)+1)
		}
		events = append(events, block.Events...)
	}
}

// save writes the layer that --spikes asks for.
func (f inferFlags) save(l *nirnet.Lowered, layers []pipeline.Layer, a *pipeline.Activity, in *pipeline.Spikes, steps, layer int) error {
	switch {
	case f.spikes == "":
		return nil
	case filepath.Ext(f.spikes) == recordExt:
		return f.record(l, layers, a, in, steps)
	}
	return outfile.Replace(f.spikes, func(w io.Writer) error {
		return nirnet.WriteNPY(w, &a.Layers[layer].Spikes, layers[layer].Shape.Size(), steps, 0, l.Step.Microseconds())
	})
}

func writeResult(out io.Writer, r *nirnet.Result) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "steps\t%d\n", r.Steps)
	fmt.Fprintf(t, "input\t%d spikes\n", r.InputSpikes)
	for _, l := range r.Layers {
		fmt.Fprintf(t, "layer %s\t%d spikes\t%.2f %% of neurons and steps without\n", l.Name, l.Spikes, 100*l.Sparsity)
	}
	fmt.Fprintf(t, "output\t%.6g\n", r.Output)
	class := "none: all outputs are silent"
	if r.Class != nil {
		class = strconv.Itoa(*r.Class)
		if r.Label != "" {
			class += ", " + r.Label
		}
	}
	fmt.Fprintf(t, "class\t%s\n", class)
	fmt.Fprintf(t, "synops\t%d (dense: %d)\n", r.SynOps, r.DenseSynOps)
	fmt.Fprintf(t, "sparsity\t%.2f %% of activations, %.2f %% of weights\n", 100*r.ActivationSparsity, 100*r.ConnectionSparsity)
	fmt.Fprintf(t, "energy\t%.3g µJ (dense: %.3g µJ), by operations alone\n", 1e6*r.EnergyJ, 1e6*r.DenseEnergyJ)
	return t.Flush()
}

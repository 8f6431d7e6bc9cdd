package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

// inferFlags are the flags of infer.
type inferFlags struct {
	input, profile, spikes, layer string
	bin, dt                       time.Duration
	shards                        int
	asJSON, loose                 bool
}

func newInfer() *cobra.Command {
	var f inferFlags
	cmd := &cobra.Command{
		Use:   "infer MODEL.nir --input FILE",
		Short: "run a NIR network on one recording",
		Long: "infer cuts the recording into steps from its first event, without the last,\n" +
			"partial one, runs the network, and prints the spikes of every layer and the\n" +
			"summed output. A profile is a simulator (norse, snntorch, sinabs, rockpool,\n" +
			"nengo, spyx, lava, loihi), of which the layer and version follow from the\n" +
			"file, one of them (snntorch-0.9:subtract), ganglion (exact between events, no\n" +
			"steps) or auto, which is what the file suggests; `ganglion nir info` says why.",
		Example: `  ganglion infer model.nir --input digit.bin --profile sinabs
  ganglion infer model.nir --input digit.bin --bin 1ms --json --layer 1 --spikes layer1.npy`,
		Args: cobra.ExactArgs(1),
		RunE: failing(func(cmd *cobra.Command, args []string) error { return infer(cmd, args[0], f) }),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.input, "input", "", "the recording, or recorded spikes (.nird) (required)")
	flags.StringVar(&f.profile, "profile", nirnet.Default.Profile, "whose numerics")
	flags.DurationVar(&f.bin, "bin", nirnet.Default.Step, "sensor time of one network step")
	flags.DurationVar(&f.dt, "dt", 0, "time step of the equations; 0 takes the profile's")
	flags.IntVar(&f.shards, "shards", 0, "goroutines that share the neurons; 0 measures")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON")
	flags.BoolVar(&f.loose, "no-type-check", false, "accept shapes that do not fit together")
	flags.StringVar(&f.spikes, "spikes", "", "write one layer's spikes to a `FILE.npy` (steps x neurons, u8), or the input's and all layers' to a .nird file")
	flags.StringVar(&f.layer, "layer", "", "the layer for --spikes (default: the output)")
	return cmd
}

func infer(cmd *cobra.Command, model string, f inferFlags) error {
	switch {
	case f.input == "":
		return usage(errors.New("infer: --input is required"))
	case f.bin < time.Microsecond || f.bin%time.Microsecond != 0:
		return usage(fmt.Errorf("infer: --bin %v is not a whole number of µs", f.bin))
	case f.shards < 0:
		return usage(fmt.Errorf("infer: --shards %d", f.shards))
	}
	if f.profile != nirnet.Auto {
		if _, err := nirnet.ProfileByName(f.profile); err != nil {
			return usage(fmt.Errorf("infer: %w", err))
		}
	}
	c := nirnet.Config{Path: model, Profile: f.profile, Step: f.bin, DT: f.dt, Strict: !f.loose, Shards: component.Count(f.shards)}
	lowered, err := c.Load()
	if err != nil {
		return err
	}
	for _, note := range lowered.Notes {
		fmt.Fprintln(cmd.ErrOrStderr(), note)
	}
	in, steps, outside, err := f.read(lowered)
	if err != nil {
		return err
	}
	result, err := nirnet.Infer(cmd.Context(), lowered, f.shards, in, 0, steps, func(layers []pipeline.Layer, a *pipeline.Activity) error {
		return f.save(lowered, layers, a, in, steps)
	})
	if err != nil {
		return err
	}
	if result.Class == nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "all outputs are silent under the profile %s at a dt of %v s; `ganglion nir info %s` says which the file wants\n",
			lowered.Profile.Name, lowered.Profile.DT, model)
	}
	if f.asJSON {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(result)
	} else {
		err = writeResult(cmd.OutOrStdout(), result)
	}
	if err == nil && outside > 0 {
		err = dropped(fmt.Errorf("%s: %d events lie outside the network's input %v", f.input, outside, lowered.Spec.Input))
	}
	return err
}

// read is the network's input: a recording in steps, or recorded spikes.
func (f inferFlags) read(l *nirnet.Lowered) (in *pipeline.Spikes, steps, outside int, err error) {
	if filepath.Ext(f.input) == recordExt {
		var d *nir.Data
		if d, err = nir.ReadDataFile(f.input); err != nil {
			return nil, 0, 0, err
		}
		in, steps, err = nirnet.Replay(d, l.Spec.Input, f.bin.Microseconds())
	} else {
		var events []pipeline.Event
		if events, err = readEvents(f.input); err != nil {
			return nil, 0, 0, err
		}
		in, steps, outside, err = nirnet.Bin(events, l.Spec.Input, f.bin.Microseconds(), l.Tick())
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", f.input, err)
	}
	return in, steps, outside, err
}

// recordExt is the ending of files with recorded spikes (NIRData).
const recordExt = ".nird"

// record writes what all layers did.
func (f inferFlags) record(l *nirnet.Lowered, layers []pipeline.Layer, a *pipeline.Activity, in *pipeline.Spikes, steps int) error {
	if f.layer != "" {
		return usage(errors.New("infer: --layer: a .nird file holds all layers"))
	}
	d, err := nirnet.Record(l.Spec.Input, layers, a, in, int64(steps)*f.bin.Microseconds())
	if err != nil {
		return err
	}
	file, err := os.Create(f.spikes)
	if err != nil {
		return err
	}
	return errors.Join(nir.WriteData(file, d), file.Close())
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
func (f inferFlags) save(l *nirnet.Lowered, layers []pipeline.Layer, a *pipeline.Activity, in *pipeline.Spikes, steps int) error {
	switch {
	case f.spikes == "":
		return nil
	case filepath.Ext(f.spikes) == recordExt:
		return f.record(l, layers, a, in, steps)
	}
	name := f.layer
	if name == "" {
		name = l.Output
	}
	for i, layer := range layers {
		if layer.Name != name {
			continue
		}
		file, err := os.Create(f.spikes)
		if err != nil {
			return err
		}
		err = nirnet.WriteNPY(file, &a.Layers[i].Spikes, layer.Shape.Size(), steps, 0, f.bin.Microseconds())
		return errors.Join(err, file.Close())
	}
	var names []string
	for _, layer := range layers {
		names = append(names, layer.Name)
	}
	return usage(fmt.Errorf("infer: no layer %q; there are %v", name, names))
}

func writeResult(out io.Writer, r *nirnet.Result) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "steps\t%d\n", r.Steps)
	fmt.Fprintf(t, "input\t%d spikes\n", r.InputSpikes)
	for _, l := range r.Layers {
		fmt.Fprintf(t, "layer %s\t%d spikes\n", l.Name, l.Spikes)
	}
	fmt.Fprintf(t, "output\t%v\n", r.Output)
	class := "none: all outputs are silent"
	if r.Class != nil {
		class = strconv.Itoa(*r.Class)
	}
	fmt.Fprintf(t, "class\t%s\n", class)
	fmt.Fprintf(t, "synops\t%d (dense: %d)\n", r.SynOps, r.DenseSynOps)
	return t.Flush()
}

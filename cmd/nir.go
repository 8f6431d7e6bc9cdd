package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
	"ganglion/pipeline"
	"ganglion/sinks/picture"
)

func newNIR() *cobra.Command {
	cmd := &cobra.Command{
		Use: "nir", Short: "look into and rewrite NIR files",
		Example: "  ganglion nir info model.nir\n  ganglion nir convert old.nir new.nir",
	}
	cmd.AddCommand(newNIRInfo(), newNIRConvert())
	return cmd
}

func newNIRInfo() *cobra.Command {
	var asJSON, loose bool
	profile, dt := nirnet.Auto, time.Duration(0)
	cmd := &cobra.Command{
		Use:   "info FILE",
		Short: "say what a network is made of and which profile it wants, or what was recorded of one (.nird)",
		Long: "info lists the nodes of a network, proposes the numeric profile that the file\n" +
			"itself speaks for, with the reason, and warns where neurons cannot work at the\n" +
			"chosen dt.",
		Example: "  ganglion nir info model.nir\n  ganglion nir info model.nir --profile norse --dt 100us\n  ganglion nir info model.nir --json",
		Args:    cobra.ExactArgs(1),
		RunE: failing(func(cmd *cobra.Command, args []string) error {
			report, err := describeNIR(args[0], nir.Options{SkipTypeCheck: loose}, profile, dt)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(report)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), report)
			return err
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&loose, "no-type-check", false, "accept shapes that do not fit together")
	cmd.Flags().StringVar(&profile, "profile", profile, "look at it under this profile")
	cmd.Flags().DurationVar(&dt, "dt", 0, "time step of the equations; 0 takes the profile's")
	return cmd
}

// networkReport is a report on a network with what it wants to be run with.
type networkReport struct {
	*nir.Report
	Run *nirnet.Advice `json:"run"`
}

func (r networkReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v\nprofile: %s, dt %v s\n", r.Report, r.Run.Profile, r.Run.DT)
	if r.Run.Why != "" {
		fmt.Fprintf(&b, "reason: %s\n", r.Run.Why)
	}
	for _, w := range r.Run.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// describeNIR is the report on a network, or on recorded activity.
func describeNIR(path string, o nir.Options, profile string, dt time.Duration) (any, error) {
	if filepath.Ext(path) == recordExt {
		d, err := nir.ReadDataFile(path)
		if err != nil {
			return nil, err
		}
		return nir.DescribeData(d), nil
	}
	m, err := nir.ReadFile(path, o)
	if err != nil {
		return nil, err
	}
	r, err := nir.Describe(m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	advice, err := nirnet.Advise(m, profile, dt.Seconds())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return networkReport{r, advice}, nil
}

func newNIRConvert() *cobra.Command {
	var flat, loose bool
	cmd := &cobra.Command{
		Use:   "convert IN OUT",
		Short: "rewrite a network in the layout of the current nir package",
		Long: "convert reads a network of any version and writes it as the nir package reads\n" +
			"it today: missing parameters filled in, edges that stand twice once.",
		Example: "  ganglion nir convert old.nir new.nir\n  ganglion nir convert nested.nir flat.nir --flat",
		Args:    cobra.ExactArgs(2),
		RunE: failing(func(cmd *cobra.Command, args []string) error {
			m, err := nir.ReadFile(args[0], nir.Options{SkipTypeCheck: loose})
			if err != nil {
				return err
			}
			for _, n := range m.Notes {
				fmt.Fprintln(cmd.ErrOrStderr(), n)
			}
			if flat {
				if m.Graph, err = m.Graph.Flat(); err != nil {
					return fmt.Errorf("%s: %w", args[0], err)
				}
			}
			return nir.WriteFile(args[1], m)
		}),
	}
	cmd.Flags().BoolVar(&flat, "flat", false, "take nested graphs apart")
	cmd.Flags().BoolVar(&loose, "no-type-check", false, "accept shapes that do not fit together")
	return cmd
}

// nirFlags say which network is run, and how.
type nirFlags struct {
	profile string
	bin, dt time.Duration
	loose   bool
}

func (f *nirFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.profile, "profile", nirnet.NewDefaultConfig().Profile, "whose numerics")
	flags.DurationVar(&f.bin, "bin", nirnet.NewDefaultConfig().Step, "sensor time of one network step; 0 takes the file's own")
	flags.DurationVar(&f.dt, "dt", 0, "time step of the equations; 0 takes the profile's")
	flags.BoolVar(&f.loose, "no-type-check", false, "accept shapes that do not fit together")
}

// load reads a network and notes on standard error what is to be known of it.
func (f *nirFlags) load(cmd *cobra.Command, model string) (*nirnet.Lowered, error) {
	if f.bin < 0 || f.bin%time.Microsecond != 0 {
		return nil, usage(fmt.Errorf("%s: --bin %v is not a whole number of µs", cmd.Name(), f.bin))
	}
	if f.profile != nirnet.Auto {
		if _, err := nirnet.ProfileByName(f.profile); err != nil {
			return nil, usage(fmt.Errorf("%s: %w", cmd.Name(), err))
		}
	}
	c := nirnet.Config{Path: model, Profile: f.profile, Step: f.bin, DT: f.dt, Strict: !f.loose}
	lowered, err := c.Load()
	if err != nil {
		return nil, err
	}
	for _, note := range lowered.Notes {
		fmt.Fprintln(cmd.ErrOrStderr(), note)
	}
	return lowered, nil
}

// isNIR reports whether a file is a network by its name.
func isNIR(file string) bool {
	return strings.EqualFold(filepath.Ext(file), ".nir") || slices.Contains(nir.Builtin(), file)
}

// viewFields paints the receptive fields of one layer of a network.
func viewFields(cmd *cobra.Command, file string, f viewFlags) error {
	if !strings.EqualFold(filepath.Ext(f.output), ".png") {
		return usage(fmt.Errorf("--output %s: receptive fields are shown as a picture whose name ends in .png", f.output))
	}
	if err := onlyFlags(cmd, "a network", "output", "node"); err != nil {
		return err
	}
	model, err := nir.ReadFile(file, nir.Options{})
	if err != nil {
		return err
	}
	w, err := newWeighted(model.Graph)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	i, err := w.pick(f.node)
	if err != nil {
		return usage(fmt.Errorf("%s: %w", file, err))
	}
	fields, err := w.fields(i)
	if err != nil {
		return fmt.Errorf("%s: node %q: %w", file, w.g.Nodes[i].Name, err)
	}
	fields.Title = filepath.Base(file)
	size, err := savePicture(f.output, fields.Paint)
	if err != nil {
		return fmt.Errorf("%s: node %q: %w", file, w.g.Nodes[i].Name, err)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, %dx%d px\n", f.output, fields.Note, size.X, size.Y)
	if others := w.names(i); len(others) > 0 && f.node == "" {
		fmt.Fprintf(cmd.OutOrStdout(), "  other nodes with weights (--node): %s\n", strings.Join(others, ", "))
	}
	return nil
}

// weighted is a network with the nodes that have weights, in the order in which
// they are computed.
type weighted struct {
	g      *nir.Graph
	shapes []nir.Shapes
	before [][]int // the nodes that lead to each
	nodes  []int
}

func newWeighted(g *nir.Graph) (*weighted, error) {
	g, err := g.Flat()
	if err != nil {
		return nil, err
	}
	shapes, err1 := g.Shapes()
	order, err2 := g.Order()
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	w := &weighted{g: g, shapes: shapes, before: make([][]int, len(g.Nodes))}
	at := map[string]int{}
	for i, n := range g.Nodes {
		at[n.Name] = i
	}
	for _, e := range g.Edges {
		w.before[at[e.To]] = append(w.before[at[e.To]], at[e.From])
	}
	for _, i := range order.Nodes {
		switch g.Nodes[i].Op.(type) {
		case *nir.Conv, *nir.Affine, *nir.Linear:
			w.nodes = append(w.nodes, i)
		}
	}
	return w, nil
}

// names are the nodes with weights other than one.
func (w *weighted) names(but int) (names []string) {
	for _, i := range w.nodes {
		if i != but {
			names = append(names, w.g.Nodes[i].Name)
		}
	}
	return names
}

// pick finds the node of a name, or the first whose neurons see a grid, or else the
// first.
func (w *weighted) pick(name string) (int, error) {
	if len(w.nodes) == 0 {
		return 0, errors.New("the network has no node with weights, which Conv, Affine and Linear have")
	}
	for _, i := range w.nodes {
		if name == "" && len(w.grid(i)) > 1 || name != "" && name == w.g.Nodes[i].Name {
			return i, nil
		}
	}
	if name != "" {
		return 0, fmt.Errorf("--node %s: the nodes with weights are %s", name, strings.Join(w.names(-1), ", "))
	}
	return w.nodes[0], nil
}

// grid is the shape of what a node sees: a convolution its kernel, a dense node
// its input before that was flattened.
func (w *weighted) grid(i int) pipeline.Shape {
	if c, ok := w.g.Nodes[i].Op.(*nir.Conv); ok {
		return c.Weight.Shape[1:]
	}
	seen := w.shapes[i].In
	for range w.g.Nodes { // no way back is longer
		if len(seen) > 1 || len(w.before[i]) != 1 {
			break
		}
		i = w.before[i][0]
		if w.shapes[i].In.Size() != seen.Size() || slices.Contains(w.nodes, i) {
			break // it computes other values
		}
		seen = w.shapes[i].In
	}
	return seen
}

// fields are the weights onto each neuron of a node, or each channel of a
// convolution.
func (w *weighted) fields(i int) (*picture.Fields, error) {
	var weight nir.Tensor
	unit := "neuron"
	switch op := w.g.Nodes[i].Op.(type) {
	case *nir.Conv:
		weight, unit = op.Weight, "channel"
	case *nir.Affine:
		weight = op.Weight
	case *nir.Linear:
		weight = op.Weight
	}
	if unit == "neuron" && len(weight.Shape) != 2 {
		return nil, fmt.Errorf("weights of shape %v are several matrices, of which none is drawn", weight.Shape)
	}
	grid := w.grid(i)
	f := &picture.Fields{Channels: 1, Height: 1, Width: grid[len(grid)-1]}
	if len(grid) > 1 {
		f.Height = grid[len(grid)-2]
		f.Channels = grid[:len(grid)-2].Size()
	}
	if unit == "channel" && len(grid) == 2 { // of a convolution over time: channels, kernel
		f.Height, f.Channels = 1, grid[0]
	}
	values, each := weight.Float32s(), f.Channels*f.Height*f.Width
	for at := 0; at+each <= len(values); at += each {
		f.Weights = append(f.Weights, values[at:at+each])
	}
	name, onto := w.g.Nodes[i].Name, counted(len(f.Weights), unit)
	if f.Channels*f.Height == 1 { // no grid: the matrix
		f.Height, f.Weights = len(f.Weights), [][]float32{values}
		f.Note = fmt.Sprintf("%s: a row of %d weights onto each of %s", name, f.Width, onto)
		return f, nil
	}
	f.Note = fmt.Sprintf("%s: %dx%dx%d weights onto each of %s", name, f.Channels, f.Height, f.Width, onto)
	return f, nil
}

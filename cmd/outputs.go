package cmd

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ganglion/cmd/service"
	"ganglion/internal/outfile"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
)

// outputFlags are the flags that name files to write; every other value of a
// command line may be a file that is read.
var outputFlags = map[string]bool{"output": true, "out": true, "summary": true, "spikes": true, "report": true, "plot": true,
	"json-out": true, "picture": true, "side": true}

// besides are what the names of files end with that lie beside an output while it
// is written: unfinished files, their rows, and a training's checkpoint.
var besides = []string{".tmp", ".rows", ".checkpoint"}

// withBesides are outputs and what lies beside them.
func withBesides(outputs []outfile.Named) (all []outfile.Named) {
	for _, n := range outputs {
		all = append(all, n)
		if n.Path == "" || n.Path == "-" {
			continue
		}
		for _, end := range besides {
			all = append(all, outfile.Named{What: n.What + ", with " + end + " while it is written", Path: n.Path + end})
		}
	}
	return all
}

// guardOutputs refuses a command line whose outputs would destroy its inputs or
// each other. The second argument of convert commands is an output.
func guardOutputs(cmd *cobra.Command, args []string) error {
	// Of nir convert; convert itself looks after its second argument.
	second := cmd.Name() == "convert" && cmd.Parent().HasParent()
	var outputs, inputs []outfile.Named
	cmd.Flags().Visit(func(f *pflag.Flag) {
		names := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			names = list.GetSlice()
		}
		for _, name := range names {
			n := outfile.Named{What: "--" + f.Name, Path: name}
			if outputFlags[f.Name] || f.Name == "truth" && cmd.Name() == "simulate" {
				outputs = append(outputs, n)
			} else {
				inputs = append(inputs, n)
			}
		}
	})
	for i, name := range args {
		n := outfile.Named{What: "argument " + strconv.Itoa(i+1), Path: name}
		if second && i == 1 {
			n.What = "the output"
			outputs = append(outputs, n)
		} else {
			inputs = append(inputs, n)
		}
	}
	if err := outfile.Distinct(withBesides(outputs), inputs); err != nil {
		return usage(err)
	}
	if of := cmd.Parent(); of != nil && (of.Name() == "train" || of.Name() == "eval") { // which read folders
		if err := outfile.Outside(outputs, inputs, made); err != nil {
			return usage(err)
		}
	}
	return nil
}

// made reports whether a file is of a kind that is made from recordings and never
// read as one, so that it may lie among them and be replaced.
func made(path string) bool {
	return slices.Contains([]string{".nir", ".png", ".gif", ".mp4", ".json", ".checkpoint"}, strings.ToLower(filepath.Ext(path)))
}

// distinctFiles refuses pipelines whose outputs are one file with an input, a
// model, a configuration or another output of any of them.
func distinctFiles(configs []string, summary string, pipelines []*config.Pipeline) error {
	var outputs, inputs []outfile.Named
	if summary != "" {
		outputs = append(outputs, outfile.Named{What: "--summary", Path: summary})
	}
	for _, c := range configs {
		inputs = append(inputs, outfile.Named{What: "the configuration", Path: c})
	}
	for _, p := range pipelines {
		inputs = append(inputs, outfile.Named{What: "the configuration", Path: p.File})
		add := func(at string, part config.Part) {
			for _, f := range component.Files(part.Config) {
				key := at + "." + f.Path
				n := outfile.Named{What: p.At(key) + ": " + key, Path: outfile.Path(f.Text, p.Name)}
				if f.Writes {
					outputs = append(outputs, n)
				} else {
					inputs = append(inputs, n)
				}
			}
		}
		add("source", p.Source)
		add("errors", config.Part{Config: service.Errors(p)})
		add("encoder", p.Encoder)
		add("network", p.Network)
		add("readout", p.Readout)
		for i, s := range p.Sinks {
			add("sinks."+strconv.Itoa(i), s)
		}
	}
	if err := outfile.Distinct(withBesides(outputs), inputs); err != nil {
		return err
	}
	return outfile.Apart(keepFolders(pipelines), append(inputs, outputs...))
}

// keepFolders are the folders that clips are written to.
func keepFolders(pipelines []*config.Pipeline) (folders []outfile.Named) {
	for _, p := range pipelines {
		if c := service.Keep(p); c.Dir != "" {
			folders = append(folders, outfile.Named{What: p.At("keep.dir") + ": keep.dir", Path: outfile.Path(c.Dir, p.Name)})
		}
	}
	return folders
}

// guardSplit refuses an input, or a file of side data, that has the name of an
// output for a later span of time.
func guardSplit(in, out, beside string) error {
	ext := filepath.Ext(out)
	stem := strings.TrimSuffix(filepath.Base(out), ext) + "-"
	names := []string{filepath.Base(beside)}    // which need not be there yet
	entries, _ := os.ReadDir(filepath.Dir(out)) // a missing folder holds no input
	for _, e := range entries {
		names = append(names, e.Name())
	}
	inputs := []outfile.Named{{What: "the input", Path: in}, {What: "--side", Path: beside}}
	for _, name := range names {
		digits, ours := strings.CutPrefix(strings.TrimSuffix(name, ext), stem)
		if _, err := strconv.ParseUint(digits, 10, 32); !ours || err != nil || !strings.HasSuffix(name, ext) {
			continue
		}
		later := outfile.Named{What: "--time split", Path: filepath.Join(filepath.Dir(out), name)}
		if err := outfile.Distinct([]outfile.Named{later}, inputs); err != nil {
			return err
		}
	}
	return nil
}

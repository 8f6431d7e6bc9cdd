// Package completion is what a shell completes arguments and the values of flags
// with: the names of components, scenes, formats, styles, profiles and networks.
package completion

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ganglion/encoders/code"
	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
	"ganglion/pipeline/component"
	"ganglion/sinks/tensor"
	"ganglion/sources/recording"
	"ganglion/sources/simulator"
	"ganglion/sources/soundscape"
)

// Add gives every command below root its completions. The components are those that
// the program knows.
func Add(root *cobra.Command, components component.Table) {
	arguments := map[string]cobra.CompletionFunc{
		"list":     once(kindNames),
		"describe": once(names(components)),
		"schema":   once(names(components)),
		"simulate": once(sceneNames),
		"infer":    networks,
		"nir info": networks,
		"eval nir": networks,
		"run":      files("yaml", "yml"),
		"validate": files("yaml", "yml"),
		"test":     files("yaml", "yml"),
	}
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if f := arguments[strings.TrimPrefix(cmd.CommandPath(), root.Name()+" ")]; f != nil {
			cmd.ValidArgsFunction = f
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if c := flagValues(cmd, f); c != nil {
				_ = cmd.RegisterFlagCompletionFunc(f.Name, c) // it fails for a flag that has one already
			}
		})
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(root)
}

// flagValues completes the values of a flag: those that its help lists as `a|b`, or the
// names that it is of.
func flagValues(cmd *cobra.Command, f *pflag.Flag) cobra.CompletionFunc {
	words := strings.Split(placeholder(f), "|")
	if len(words) < 2 {
		words = nil
	}
	switch {
	case f.Name == "style":
		words = append(words, "heat", "tracks")
	case f.Name == "profile":
		words = nirnet.ProfileNames()
	case f.Name == "from" && cmd.Name() == "keyword":
		words = append(nir.Builtin(), "scratch")
	case f.Name == "from", f.Name == "format":
		words = formatNames(f.Name == "format")
	case f.Name == "to" && cmd.Name() == "convert":
		words = append(formatNames(true), tensor.Kinds()...)
	case f.Name == "code":
		words = code.Types()
	case f.Name == "scenes":
		words = append([]string{"all"}, sceneNames()...)
	case f.Name == "model":
		return networks
	}
	if words == nil {
		return nil
	}
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}

func placeholder(f *pflag.Flag) string {
	name, _ := pflag.UnquoteUsage(f)
	return name
}

// once completes the first argument with words.
func once(words func() []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return words(), cobra.ShellCompDirectiveNoFileComp
	}
}

// files completes files with one of the extensions.
func files(extensions ...string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return extensions, cobra.ShellCompDirectiveFilterFileExt
	}
}

// networks completes networks of the program, and files.
func networks(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	const prefix = "builtin:"
	if word == "" || !strings.HasPrefix(prefix, word) && !strings.HasPrefix(word, prefix) {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return nir.Builtin(), cobra.ShellCompDirectiveNoFileComp
}

func kindNames() (list []string) {
	for _, k := range component.Kinds() {
		list = append(list, string(k))
	}
	return list
}

func names(components component.Table) func() []string {
	return func() (list []string) {
		for _, s := range components {
			if !slices.Contains(list, s.Name) {
				list = append(list, s.Name)
			}
		}
		return list
	}
}

func sceneNames() (list []string) {
	for _, s := range simulator.Scenes() {
		list = append(list, s.Name)
	}
	for _, s := range soundscape.Scenes() {
		list = append(list, s.Name)
	}
	return list
}

func formatNames(written bool) (list []string) {
	for _, f := range recording.Formats() {
		if !written || f.Writable() {
			list = append(list, f.Name)
		}
	}
	return list
}

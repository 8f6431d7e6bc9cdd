package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ganglion/configs"
	"ganglion/encoders/code"
	"ganglion/network/nir/nirnet"
	"ganglion/pipeline/component"
	"ganglion/sinks/tensor"
	"ganglion/sources/recording"
	"ganglion/sources/simulator"
	"ganglion/sources/soundscape"
)

// complete gives every command below root what a shell completes its arguments and
// the values of its flags with.
func (p program) complete(root *cobra.Command) {
	arguments := map[string]cobra.CompletionFunc{
		"list":     once(kindNames),
		"describe": once(p.componentNames),
		"schema":   once(p.componentNames),
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
	names := strings.Split(placeholder(f), "|")
	if len(names) < 2 {
		names = nil
	}
	switch {
	case f.Name == "style":
		names = append(names, "heat", "tracks")
	case f.Name == "profile":
		names = nirnet.ProfileNames()
	case f.Name == "from", f.Name == "format":
		names = formatNames(f.Name == "format")
	case f.Name == "to" && cmd.Name() == "convert":
		names = append(formatNames(true), tensor.Kinds()...)
	case f.Name == "code":
		names = code.Types()
	case f.Name == "scenes":
		names = append([]string{"all"}, sceneNames()...)
	case f.Name == "model":
		return networks
	}
	if names == nil {
		return nil
	}
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

func placeholder(f *pflag.Flag) string {
	name, _ := pflag.UnquoteUsage(f)
	return name
}

// once completes the first argument with names.
func once(names func() []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return names(), cobra.ShellCompDirectiveNoFileComp
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
	var list []string
	for _, name := range configs.Networks() {
		list = append(list, prefix+name)
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

func kindNames() (list []string) {
	for _, k := range component.Kinds() {
		list = append(list, string(k))
	}
	return list
}

func (p program) componentNames() (list []string) {
	for _, s := range p.components {
		if !slices.Contains(list, s.Name) {
			list = append(list, s.Name)
		}
	}
	return list
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

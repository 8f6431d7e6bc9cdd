// Package config reads pipeline configurations.
//
// # The life of a configuration
//
// A YAML document becomes a tree whose every node knows where it came from.
// Overrides (--set, --input) are grafted onto the tree, and ${env:NAME} inside
// string values is replaced. The tree is checked against the declarations of
// the components it names: unknown keys, wrong types, missing units. Only then
// is each section decoded, once, through viper into the component's own config
// struct, which starts from the component's defaults. The resulting [Pipeline]
// is not changed any more; a reload builds a new one.
//
// Every fault of every document is reported, each with its place, its key path,
// its cause and the nearest valid name:
//
//	configs/motion.yaml:7:3: network.shardz: unknown key, did you mean "shards"?
//	--set network.step: want a number with its unit such as 1ms (ns, us, ms, s, m, h), got "10"
//
// # Environment
//
// A variable is used only where a string value says ${env:NAME}; a missing one
// is an error. The result is always a string, in messages and listings it
// stands as it was written, and $${ gives a plain ${.
//
// # Caveats
//
//   - Paths inside a configuration are relative to the working directory.
//   - YAML aliases are followed, merge keys (<<) are not known.
//   - The elements of a list of sections have no defaults: absent keys are zero.
//   - viper lower-cases the keys it is given, so it only ever sees keys that were
//     checked to be ones of a declaration, which are lower case.
package config

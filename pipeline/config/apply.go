package config

import "ganglion/pipeline/component"

// Apply replaces values of a config, a pointer to a struct that holds its
// defaults, as the keys of a file would, and checks the result: for what is
// configured by flags alone.
func Apply(cfg any, overrides []Override) error {
	b := &builder{root: &node{kind: mappingNode}}
	for _, o := range overrides {
		b.errs = append(b.errs, o.graft(b.root)...)
	}
	if len(b.errs) == 0 && b.mapping(b.root, "", component.Fields(cfg)) {
		b.load(b.root, origin{Flag: "--set"}, "", cfg)
	}
	if len(b.errs) > 0 {
		return b.errs
	}
	return nil
}

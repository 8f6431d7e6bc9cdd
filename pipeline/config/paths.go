package config

import (
	"path/filepath"
	"strconv"
	"strings"

	"ganglion/pipeline/component"
)

// beside makes the relative paths of the pipeline begin where they were written:
// those of a file at its folder, those of a flag at the working directory. It
// comes after the hash, which goes by what is written: a configuration is the
// same from wherever it is used.
func (p *Pipeline) beside() {
	p.rebase("source", p.Source.Config)
	p.rebase("encoder", p.Encoder.Config)
	p.rebase("network", p.Network.Config)
	p.rebase("readout", p.Readout.Config)
	for i, s := range p.Sinks {
		p.rebase(joinPath("sinks", strconv.Itoa(i)), s.Config)
	}
	for _, s := range p.Sections {
		p.rebase(s.Key, s.Config)
	}
}

func (p *Pipeline) rebase(path string, cfg any) {
	component.MapFiles(cfg, func(key, name string) string {
		if n, found := p.root.find(joinPath(path, key)); found {
			return n.origin.beside(name)
		}
		return name
	})
}

// folder is where relative paths begin; empty is the working directory.
func (o origin) folder() string {
	if o.Flag != "" {
		return o.Dir
	}
	return filepath.Dir(o.File)
}

// beside is a name as the working directory has it. Standard streams, addresses
// and what the program brings along are not paths.
func (o origin) beside(name string) string {
	dir := o.folder()
	if dir == "" || name == "" || name == "-" || filepath.IsAbs(name) || strings.Contains(name, "://") || strings.HasPrefix(name, "builtin:") {
		return name
	}
	return filepath.Join(dir, name)
}

package config

import (
	"regexp"
	"strconv"
	"strings"

	"ganglion/pipeline/component"
)

// Fault is a fault of a part of the pipeline that showed when the part was
// made or looked into its files, with the place and the key that it is about.
func (p *Pipeline) Fault(path string, err error) error {
	cfg := p.config(path)
	cause := ofPart.ReplaceAllString(err.Error(), "")
	if cfg != nil {
		if key, rest := component.Located(cfg, cause); key != "" {
			path, cause = joinPath(path, key), rest
		} else if key := p.about(path, cfg, cause); key != "" {
			path = joinPath(path, key)
		}
	}
	n, _ := p.root.find(path)
	return &lineError{n.origin, path, unexpand(cause, p.root)}
}

// ofPart is the beginning of a constructor's error: the place says which it is.
var ofPart = regexp.MustCompile(`^(source|encoder|network|readout|sink) "[^"]*": `)

// config is the configuration of a part of the pipeline, or nil.
func (p *Pipeline) config(path string) any {
	parts := map[string]Part{"source": p.Source, "encoder": p.Encoder, "network": p.Network, "readout": p.Readout}
	for i, s := range p.Sinks {
		parts[joinPath("sinks", strconv.Itoa(i))] = s
	}
	if part, ok := parts[path]; ok {
		return part.Config
	}
	return p.Sections.Of(path)
}

var word = regexp.MustCompile(`[a-z][a-z0-9_]*`)

// about is the key that a message is about: the one that names a file which the
// message names, or the first of the document whose name it holds.
func (p *Pipeline) about(path string, cfg any, cause string) string {
	for _, f := range component.Files(cfg) {
		if strings.Contains(cause, f.Text) {
			return f.Path
		}
	}
	section, _ := p.root.find(path)
	for _, w := range word.FindAllString(cause, -1) {
		for _, key := range []string{w, w + "s"} {
			if section.get(key) != nil {
				return key
			}
		}
	}
	return ""
}

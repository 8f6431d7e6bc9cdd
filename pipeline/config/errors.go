package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// origin is where a value came from: a place in a file, or a flag.
type origin struct {
	File         string
	Line, Column int    // from 1; 0 when unknown
	Flag         string // "--set network.shards"; empty for a file
	Dir          string // of a flag: the folder where its relative paths begin; empty is the working directory
}

// String reads "configs/motion.yaml:7:3" or "--set network.shards".
func (o origin) String() string {
	switch {
	case o.Flag != "":
		return o.Flag
	case o.Line == 0:
		return o.File
	case o.Column == 0:
		return fmt.Sprintf("%s:%d", o.File, o.Line)
	}
	return fmt.Sprintf("%s:%d:%d", o.File, o.Line, o.Column)
}

// lineError is one fault of a configuration.
type lineError struct {
	Origin origin
	Path   string // key path, such as "sinks.0.path"; empty for the document
	Cause  string
}

// Error joins place, key path and cause. The path is left out where the flag
// that set the value names it already.
func (e *lineError) Error() string {
	s := e.Origin.String() + ": "
	if e.Path != "" && !strings.HasSuffix(e.Origin.Flag, " "+e.Path) {
		s += e.Path + ": "
	}
	return s + e.Cause
}

// lineErrors is every fault that was found, in the order of files and lines,
// those of flags last.
type lineErrors []*lineError

func (es lineErrors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// sort orders the faults and keeps the first of each key: what follows from a
// fault goes, and so does that of one --set value in each of several pipelines.
func (es lineErrors) sort() lineErrors {
	slices.SortStableFunc(es, func(a, b *lineError) int {
		x, y := a.Origin, b.Origin
		return cmp.Or(cmp.Compare(min(len(x.Flag), 1), min(len(y.Flag), 1)), cmp.Compare(x.File, y.File),
			cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
	})
	return slices.CompactFunc(es, func(a, b *lineError) bool { return a.Origin == b.Origin && a.Path == b.Path })
}

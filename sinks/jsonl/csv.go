package jsonl

import (
	"encoding/csv"
	"os"
	"slices"
	"strconv"
	"strings"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// CSV declares the sink that writes a table: a line with the names of the fields,
// then one a detection.
func CSV() component.Spec {
	return component.Sink("csv", "detections as a table, to a file or standard output", config{Path: dash, OnExist: outfile.OnRotate},
		func(c config, env component.Env) (pipeline.Sink, error) {
			return newSink(c, csvLines, env, os.Stdout), nil
		})
}

var csvLines = form{
	head:   string(append(pipeline.AppendCSVHead(nil), '\n')),
	append: func(b []byte, d *pipeline.Detection) []byte { return d.AppendCSV(b) },
	parse:  parseCSV,
}

var csvRun, csvSeq = column("run"), column("seq")

func column(name string) int {
	return slices.IndexFunc(pipeline.Fields(), func(f pipeline.Field) bool { return f.Name == name })
}

func parseCSV(line []byte) (run string, seq uint64, ok bool) {
	cells, err := csv.NewReader(strings.NewReader(string(line))).Read()
	if err != nil || len(cells) != len(pipeline.Fields()) {
		return "", 0, false
	}
	seq, err = strconv.ParseUint(cells[csvSeq], 10, 64)
	return cells[csvRun], seq, err == nil
}

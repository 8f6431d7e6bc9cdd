// Package jsonl is the sink that writes detections as JSON lines, one record
// of [pipeline.Detection.AppendJSON] a line, to a file or to standard output.
//
//	sinks:
//	  - {type: jsonl, path: "out/{name}.jsonl"}
//	  - {type: jsonl, path: "-"}
//	  - {type: csv, path: "out/{name}.csv"}
//
// The sink csv writes a table instead, a line with the names of the fields and then
// one of [pipeline.Detection.AppendCSV] a detection, with the same guarantees.
//
// # Guarantee
//
// When Write returns nil, every line has been handed to the operating system:
// it survives the death of this process, not the loss of power. A Write that
// fails half-way says how many whole lines it wrote; a file is then cut back to
// its last whole line, so that it never holds a broken one.
//
// Lines appear in the file as soon as Write returns. A file that holds another
// run's detections is renamed by run and first number when a run begins, or as
// on_exist says; lines of the same run stay and are not written again. A run
// that resumes from a checkpoint removes the lines behind it, so that no
// detection stands twice. Each checkpoint makes the lines before it survive a
// loss of power too.
//
// A file that is moved, removed or truncated while it is written is noticed
// within half a second: a new one begins, and the lines that went with the old
// one are counted.
//
// # Standard output and pipes
//
// Whoever reads a pipe may stop reading. Such outputs are written by a
// goroutine of the sink, so that Write still returns when its context ends; the
// lines on their way count as lost although they may arrive, and the sink
// takes no more. Several pipelines may share standard output: their lines do
// not mix.
package jsonl

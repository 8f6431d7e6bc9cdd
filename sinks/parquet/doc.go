// Package parquet is the sink that writes detections as rows of Parquet files, by
// Arrow's library.
//
//	sinks:
//	  - {type: parquet, path: "out/{name}.parquet"}
//	  - {type: parquet, path: "out/{name}.parquet", rotate_every: 1h}
//
// The columns are those of [pipeline.Fields], compressed with Zstandard; the key
// ganglion.run of the file's metadata names its run.
//
// # Guarantee
//
// A Parquet file has its index at its end. It is written beside its name, with .tmp
// behind it, and gets its name once it is whole: what stands at the path can always
// be read. A killed process loses the rows of the file it was writing; rotate_every
// bounds them, and the sinks arrow and jsonl lose less. Rows that a disk refuses are
// counted as dropped, with all rows of their file, and a new file begins.
//
// A run that is repeated replaces its own file. A run that resumes from a checkpoint
// begins a new file: rows that the earlier one wrote behind the checkpoint are in
// both, and run and seq tell.
package parquet

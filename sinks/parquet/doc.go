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
// be read. Until then its rows stand beside it as JSON lines too, with .rows behind
// the name, some 500 bytes each; rotate_every bounds them. They are written first: a
// row that they have no room for is counted as dropped, and a file that could not be
// written, went away or was left by a killed process is made of them, by this run,
// the next one or ganglion repair.
//
// A run that is repeated replaces its own file. A run that resumes from a checkpoint
// continues with the rows that lie before it, so that each row stands once.
package parquet

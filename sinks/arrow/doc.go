// Package arrow is the sink that writes detections as rows of Arrow IPC files,
// and [ReadDetections], which reads them back.
//
//	sinks:
//	  - {type: arrow, path: "out/{name}.arrow"}
//	  - {type: arrow, path: "/data/{name}.arrow", rotate_every: 1h, compression: zstd}
//
// A row has the columns of the JSON form under the same names: plain strings,
// integers, float32. A cell is null where the JSON form prints null or leaves
// the key out.
//
// # The life of a row
//
// Write appends rows to the column buffers of the current batch. A batch is
// finished by its last row (batch_rows), by the first row that is batch_every
// of sensor time younger than its first one, or by Close. It then goes to the
// file in one piece.
//
// # Form of a file
//
//	0  "ARROW1" 0 0
//	8  schema message
//	   record batch message          as many as there are
//	   ...
//	   end of stream ff ff ff ff 0 0 0 0
//	   footer: schema, place of each record batch
//	   length of the footer, 4 bytes
//	   "ARROW1"
//
// With format: stream the file is the schema, the record batches and the end of
// the stream alone. Everything that knows Arrow opens the first form (pandas
// and polars through read_feather and read_ipc, DuckDB, JavaScript), uncompressed
// at least; the second can be followed while it grows.
//
// In the file format, what follows the last batch is written again after each
// batch, so that the file is complete at almost any time; once there are so
// many batches that the footer outweighs the new ones, only when it does not.
//
// # Guarantee
//
// A process that is killed leaves every finished batch, none twice;
// [ReadDetections] reads them whatever the kill interrupted, and other readers
// do unless it fell into the writing of a batch. The rows of the unfinished
// batch, at most batch_rows, are lost. A batch that cannot be written, say for
// lack of room, is kept and tried again while the next one fills; then Write
// refuses rows, and Close names what it still could not write in a
// [pipeline.LostError]. Loss of power is survived by files that are complete.
//
// # Checkpoints
//
// Each checkpoint finishes the batch, so that the rows before it are in the
// file. A run that resumes from a checkpoint removes the batches behind it and
// continues with the file, of a rotation with the last one of its run.
//
// # Several files
//
// Without rotation a file that holds another run's detections is renamed by run
// and first number when a run begins, or as on_exist says. With rotation the
// name of each file tells the run and the number of its first detection
// (out/left-3f2a9c41d07be586-000000000500.arrow); it bears .tmp until it is
// complete, and a run completes what a killed one left unfinished. Either way
// the rows of the same run stay and are not written again, and each row stands
// once. Runs of days want rotation.
//
// A file that is moved, removed or truncated while it is written is noticed
// within half a second: a new one begins, and the rows that went with the old
// one are counted.
//
// # Limits
//
// Arrow's Go library writes. It does not read: a few damaged bytes make it
// allocate without bound, and Go's FlatBuffers runtime has no verifier. So
// ReadDetections reads with package arrowipc, which checks each offset and length
// against the bytes there are. It reads the columns above, in any order and
// beside other flat ones, uncompressed or with LZ4 or Zstandard; dictionaries,
// nested columns and views are refused by name.
package arrow

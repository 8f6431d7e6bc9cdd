// Package flow writes the optical flow of the motion network's direction layer as an
// Arrow file: a sink of type "flow".
//
//	sinks:
//	  - {type: flow, path: "out/{name}-flow.arrow"}
//
// A row is a coincidence spike whose flow is known:
//
//	t   i64   sensor time, µs
//	x   u16   column, px of the encoder's layer
//	y   u16   row, px of the encoder's layer
//	on  bool  whether the edge is brighter than what was there
//	vx  f32   velocity to the right, px/s
//	vy  f32   velocity downwards, px/s
//
// The velocity is that along the edge's normal, since an edge shows no more of it
// (aperture problem). Rows ascend in time and are the same for any windows,
// shards and pace. The schema's metadata has the width and height of the layer, the
// name of the pipeline, its config_hash and its run.
//
// # Limits
//
// The run waits for the file: a disk that is slower than the stream holds it back. A
// file is whole once the run has ended; a run that was killed leaves one without its
// index. A run that resumes is refused, since the rows behind its checkpoint cannot
// be taken back. What cannot be written ends in an error of the sink, which is
// counted, and detection continues.
package flow

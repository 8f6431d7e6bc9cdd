// Package outfile opens the files that sinks write.
//
// A sink's path is a template in which {name} stands for the pipeline's name
// ([Path]). [Create] makes the missing parent folders, takes the file for this
// writer alone and empties it. Two pipelines that were given the same path by
// mistake, in one process or in two, get an error instead of one mixed file.
//
// [Replace] is for what is written at one time, such as a model, and [NewDraft] for
// what takes long, such as a recording: whole or not at all.
//
// Limits: the lock is advisory and exists where flock(2) does. Elsewhere, and
// on file systems that refuse to lock, one writer per path is the operator's
// care. Pipes and devices are neither locked nor emptied.
package outfile

// Package checkpoint keeps snapshots of a pipeline's state in files.
//
// # The life of a snapshot
//
// [Append] writes a [Header] and the state of every stateful part into bytes
// that end with their checksum. [Store.Save] puts the bytes into a file of
// their own, atomically, and keeps the last two. [Store.Load] finds the newest
// sound one, [Identity.Check] says what differs between the run that wrote it
// and the one that wants it, and [Snapshot.Restore] hands each part its state.
//
//	snapshot, _ := store.Load(log)
//	err := snapshot.Identity.Check(mine)
//	err = snapshot.Restore(parts)
//
// # Form of a file
//
// All numbers are little-endian, 64 bits wide but the version; text and state
// stand behind their length.
//
//	 0  "GNGLSNAP"
//	 8  version of this form, 4 bytes
//	12  length n of the body
//	20  body: number of identity values, key and text of each
//	          run: the identity of the run
//	          position: end of the last processed window, sensor time, µs
//	          batches processed
//	          Seq of the next detection
//	          number of parts, name and state of each
//	20+n  SHA-256 of everything before
//
// docs/checkpoint.md states what a resumed run promises.
//
// # Limits
//
// A file is read into memory whole. The checksum finds damage, not malice:
// whoever may write the folder may write any state.
package checkpoint

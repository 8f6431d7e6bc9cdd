// Package ros holds the recordings of the Robot Operating System: bags of ROS 1
// ([Bag]), and what ROS 2 records, SQLite databases ([DB3]) and MCAP files
// ([MCAP]).
//
// # The life of an event
//
// A container yields messages, in the order of the file, with the topic that
// each belongs to. The topic's type is known by its definition, which the
// container holds in words; only where it holds none the definition of the
// type's name serves (definition.go, builtin.go). From it comes a plan that
// walks a message once (walk.go), for the packed bytes of ROS 1 as for the
// aligned ones of ROS 2 (CDR). What the walk finds is an array of records with
// x, y, polarity and a time (array.go), or an EventPacket, whose bytes have an
// encoding of their own (packet.go).
//
// # Streams
//
// Each topic is a stream; those whose type holds events can be read. The first
// one in the order of the file is read unless one is named. Triggers and IMU
// samples of other topics come as side data: of the topics beside the one that
// is read, by their common name, or of all if there is but one camera.
//
// # Times
//
// Messages of the type EventArray carry a time in every event, mostly Unix
// time; packets count in sensor time. Both are delivered as they stand, in µs.
// The times at which messages were received are not looked at.
//
// # Limits
//
// A message has at most 256 MiB. Chunks are unpacked as a stream, so memory
// does not depend on their size. Big-endian messages are counted as damage.
// Bags that were cut off, and have no index, are read from front to back.
package ros

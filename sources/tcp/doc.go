// Package tcp is a live source of camera events that come over a TCP connection,
// and a target that sends them.
//
//	source: {type: tcp, address: "127.0.0.1:10000", format: aedat4}
//
// # What is understood
//
//	aedat4  what DV and dv-processing's NetworkWriter send: the IOHeader of AEDAT 4
//	        without the line that files begin with, then packets; a file's
//	        beginning is taken as well
//	aedat3  what cAER sends: 20 bytes (magic number 0x1D378BC90B9A6658 u64, sequence
//	        number i64, version i8, format i8, source i16, all little-endian;
//	        libcaer's network.h), then packets of AEDAT 3.1, not compressed
//	any other format of recordings that is read front to back: its bytes, with
//	        its header. Without a header, as a camera's raw words: name it (evt3)
//
// Without a format the first bytes decide. The sensor's size is what the stream
// states; where it states none, width and height do.
//
// # The life of a connection
//
// The source connects to an address, or waits for one sender at a time to connect
// to it (listen). A connection that ends, or cannot be made, is tried again after a
// pause that doubles from 100 ms to 5 s; connections after the first are counted
// (reconnected). A sender that begins again at an earlier time resumes from where
// the last one stopped (time_restart). A goroutine of the source's own decodes blocks of
// events into a queue of bounded length, from which Read cuts windows, as package
// live says; samples of a gyroscope come with the events of their time. When the
// queue is full, policy block lets the sender wait; the others drop blocks and count
// their events (queue_full).
package tcp

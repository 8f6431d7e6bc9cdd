// Package udp is a live source of camera events that come in datagrams, and a
// [Writer] that sends them.
//
//	source: {type: udp, listen: "127.0.0.1:3333", protocol: spif, width: 640, height: 480}
//
// # Protocols
//
// A datagram stands alone. All are little-endian but for jAER's.
//
//	spif  words of 32 bits, as the SpiNNaker peripheral interface and AEStream
//	      send them: 31 no time follows, 30..16 column, 15 ON, 14..0 row; where
//	      bit 31 is 0, a word with the time follows, µs
//	es    u64 the time in µs, then Event Stream records of a DVS: FF adds 127 µs,
//	      FE does nothing, else a byte with the step in 7..1 and ON in 0, column
//	      u16, row u16 counted from the bottom
//
//	jaer  big-endian: sequence number i32 (unless sequence is off), then for each
//	      event its address i32, as in AEDAT 2 of the chip, and its time i32, µs;
//	      jAER's AEUnicastInput and Output, port 8991
//	faery    t u64 in µs, x u16, y u16, ON u8: faery's t64_x16_y16_on8
//	faery32  t u32, x u16, y << 1 | ON u16: faery's t32_x16_y15_on1
//
// A jump of jAER's sequence number counts the datagrams between (lost_datagrams).
// Events without a time take that of their datagram's arrival (Unix time, µs, which
// continues evenly when the wall clock is set).
// Times of 32 bits are counted on when they wrap around.
//
// # The life of a datagram
//
// A goroutine of the source's own receives datagrams into a queue of bounded
// length. Read takes them apart and cuts the events into windows of sensor
// time. A window goes out when an event behind it has come, or when its first
// event has waited for the window's length on the wall clock; what comes too
// late for it is moved to its end and counted (time_backwards), as are events
// that a network delivers in the wrong order. A step back by more than a second
// is a sender that has begun again (time_restart): its times resume from where the
// last one stopped.
//
// # What is lost
//
// When the queue is full, datagrams are dropped as the policy says and their
// events counted (queue_full). What the operating system drops before that is
// counted in datagrams on Linux (socket_overrun) and not known elsewhere: the
// socket asks for 4 MiB of room. Nothing is acknowledged.
//
// The source listens on the loopback interface unless it is told otherwise, and
// believes whoever sends to it.
package udp

// Package nats is the sink that publishes detections on NATS, one message
// each, whose payload is the record of [pipeline.Detection.AppendJSON].
//
//	sinks:
//	  - {type: nats, url: embedded, subject: "ganglion.{name}.{kind}"}
//	  - {type: nats, url: "nats://10.0.0.7:4222", credentials: user.creds}
//	  - {type: nats, url: "tls://10.0.0.7", tls: {ca: ca.pem}, jetstream: {stream: DETECTIONS, max_age: 24h}}
//
// The subject tells the pipeline and the kind, so that "ganglion.left.*" is
// one pipeline and "ganglion.*.keyword" are the keywords of all. The headers
// are [MsgIDHeader], schemaHeader, streamHeader, kindHeader and, when the
// write belongs to a span, W3C trace context.
//
// The URL embedded runs a nats-server in this process, on a loopback address
// that the log tells; see the package embedded. The example below is a whole
// subscriber.
//
// # Guarantee
//
// Write returns nil when the server has confirmed every detection:
//
//   - without JetStream, by answering a PING that followed the messages on the
//     same connection. It has then handed them to the subscribers that it
//     has; who is not subscribed, or is cut off for being slow, misses them.
//   - with JetStream, by an acknowledgement of each message: it is stored as
//     the stream's configuration says.
//
// What is not confirmed is sent again after the connection was replaced, or once
// the server has taken everything and still does not confirm; never while it may
// be on its way. After the deadline, which counts from when a detection was sent
// first, Write reports it in a [pipeline.PartialWriteError]; such a detection may
// have arrived all the same, since an answer can be lost on its way. So a
// subscriber sees every detection that was not reported, and may see one twice:
// its MsgIDHeader, or stream, run and seq in the record, is then the same. A
// stream stores it once, as long as its duplicate window is not shorter than the
// deadline; what it held before this process sent it counts as a duplicate. After
// a repetition messages may be out of order; seq tells.
//
// A stream that vanishes is created again where the configuration says create.
//
// Write holds the messages of at most in_flight detections and the client
// buffers nothing across a cut, so memory is bounded. While a server is away
// the pipeline's queue and its policy decide what happens to the rest.
//
// # Caveats
//
// A server that refuses a subject (permissions) says so asynchronously, but
// before it answers the PING that follows: the messages of that subject are
// counted as refused, all others as delivered.
package nats

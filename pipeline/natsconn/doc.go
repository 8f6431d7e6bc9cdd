// Package natsconn connects to NATS servers, for the sink that publishes and
// the source that listens: one configuration of who may ([Access]), one way to
// connect and to stay connected ([Connect]).
//
// A connection that is lost is made again for ever: after 50 ms at first, then
// with pauses that double up to 5 s, each less up to half so that many clients
// spread. A server that refuses a client is asked again too, because
// permissions are changed while a pipeline runs; only the first connection must
// succeed. A server that says nothing for three pings of 5 s counts as lost.
package natsconn

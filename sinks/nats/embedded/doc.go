// Package embedded runs a NATS server inside the process, for a machine that
// has none and for tests.
//
// All users that ask for the same address share one server: several sinks, of
// one pipeline or of many, publish side by side, and one URL serves whoever
// subscribes. [Acquire] starts the server or joins it, [Server.Release] leaves
// it; the last one to leave shuts it down, once subscribers have been sent
// what was published.
//
// The server listens where it is told to, on loopback where the address has no
// host. One that other machines can reach does not start without credentials,
// see [Access]. JetStream runs from the first user on who asks for it and keeps
// its files in a temporary folder unless told where.
package embedded

// Package dashboard is the sink that shows a running pipeline in a browser: its
// events or its sound, its spikes, its detections and its figures, live.
//
//	sinks:
//	  - {type: dashboard, listen: "127.0.0.1:8017"}
//
// # The life of a frame
//
// The sink looks at each batch from the compute goroutine (runner.Watcher). While
// nobody looks at the stream it returns at once; while somebody does, it marks the
// window's spikes in a frame that it shares with the stream's pump, a goroutine
// that takes the frame 30 times a second, encodes it once, and puts the same bytes
// into the mailbox of every viewer. A viewer that takes its mail too slowly misses
// frames, and one that takes none for ten seconds is disconnected; the pipeline
// waits for neither.
//
// # Replays
//
// What a recording held can be seen again, paused, stepped, slowed down and sought
// in: a replay is a second run of the same pipeline without its sinks, paced by
// the page. The run itself is never held back, and what its sinks get does not
// depend on who looks.
//
// # Who may look
//
// The server listens on loopback unless told otherwise, and elsewhere it asks for
// a token. A page of another origin cannot open its WebSocket, and a name that
// resolves to this machine is not answered without a token.
//
// All users of one address share one server: pipelines stand side by side on its
// page.
package dashboard

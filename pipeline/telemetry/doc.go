// Package telemetry shows what running pipelines do: OpenTelemetry metrics and
// traces, logs, and an HTTP server with /metrics, /livez, /readyz and
// /debug/pprof. Nothing listens and nothing is sent unless it is configured.
//
// # The life of a figure
//
// The runner counts under its own locks. The metrics are made of those counts
// when somebody collects them, so the way of a batch pays nothing for them.
// docs/telemetry.md lists every metric.
//
// # The life of a trace
//
// Every batch may have a span, from the end of its read to the end of its
// readout; sample_ratio says how many do. Each sink's Write for a sampled
// batch has a span below it, which the context of Write carries: a sink puts
// it into message headers with the propagator of the W3C trace context, so
// that a consumer's trace resumes from the batch that a detection came from.
//
// # Caveats
//
// The profiler under /debug/pprof is served to loopback listeners only.
package telemetry

// Package otlp sends metrics and spans to an OpenTelemetry collector, by OTLP over
// HTTP with protobuf.
//
// The exporters of OpenTelemetry do the same and bring gRPC, its gateway and the
// HTML pages of golang.org/x/net/trace, whose templates call methods by name: the
// linker then keeps each exported method of every package, a sixth of the binary.
// Here the messages and what turns spans into them are OpenTelemetry's own.
//
// The variables of its specification count: OTEL_EXPORTER_OTLP_HEADERS, _TIMEOUT,
// _COMPRESSION, _CERTIFICATE, _CLIENT_CERTIFICATE and _CLIENT_KEY, and those of one
// signal, such as OTEL_EXPORTER_OTLP_TRACES_HEADERS, before those of both. The
// address is the caller's.
package otlp

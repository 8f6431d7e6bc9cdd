// Package pipelinetest helps to test components of a pipeline.
//
// The conformance suite holds a component to its contract: [Source],
// [Encoder], [Network], [Readout] and [Sink] each take a way to make the
// component and run named subtests.
//
// The fakes ([FakeSource], [FakeEncoder], ...) are the smallest components that
// keep the contract; they stand in for the real ones around what is tested.
package pipelinetest

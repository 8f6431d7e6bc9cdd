// Package expectation compares what a pipeline detected with what it should
// have: the tests of a configuration.
//
// A [Case] names an input and what is expected of it: a file of detections, one
// JSON object a line, conditions on how many there are of a kind and label
// within a time, or both. Every difference is told with the place of what was
// expected:
//
//	motion.jsonl:12: cx: got 13.5, want 12.5 within 0.5 px
//	motion.yaml:14:9: tests.0.detections.1: got 3 of keyword "computer", want 2
//
// A line of the file states as many fields as shall count: what it leaves out
// may be anything. What names a detection and its run is never compared.
package expectation

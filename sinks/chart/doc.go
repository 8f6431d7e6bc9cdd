// Package chart draws figures of an evaluation as pictures.
//
// # The life of a point
//
//	score of a threshold ─▶ Point of a Curve ─ Tradeoff ─▶ PNG, SVG or PDF, by the file's name
//
// A detection-error trade-off has the share of misses over the false accepts per
// hour, both on logarithmic axes, a point for each threshold, and bars for the
// 95 % interval of one chosen point of each curve.
//
// A confusion matrix ([Confusion]) has a row for each label; [Traces] shows the
// spikes of a layer and the membranes of some of its neurons.
//
// # Caveats
//
// A count of none has no place on a logarithmic axis: it is drawn on its lower
// or left edge, which is half of the smallest rate that the evaluation can see.
package chart

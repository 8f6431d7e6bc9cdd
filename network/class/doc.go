// Package class reads which class a classifier's outputs stand for, while a
// stream runs.
//
// # The life of a decision
//
// The outputs of a layer are counted, by neuron, in bins of the length Every
// (graded values are added up), and at the end of every bin the counts of the
// last Window are looked at:
//
//	v(k) = count of output k over the window
//	p(k) = max(v(k), 0) / Σ max(v, 0)
//	s(k) = s(k) + (1 - exp(-Every/Smooth)) (p(k) - s(k))
//
// The class with the greatest s is decided for where s reaches Threshold and the
// window holds at least Least in all. A detection of the kind class is made when
// the decision changes, or when a class comes back after it was not decided for
// during Hold. Its T and t_end_us are the end of the bin, t_start_us the start of
// the window, its score s. A window with less than Least decides nothing, and
// what s has learned is forgotten: silence is not a class.
//
// # Caveats
//
// Bins lie at multiples of Every in stream time, so how a stream is cut into
// windows changes nothing. What comes after the last whole bin of a stream is
// not decided on.
package class

package network

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

// same fails the test when two activities differ. It looks before it diffs,
// since a diff of long trains takes its time.
func same(t *testing.T, what string, want, got []pipeline.Spikes) {
	t.Helper()
	for i := range want {
		a, b := &want[i], &got[i]
		if slices.Equal(a.T, b.T) && slices.Equal(a.Offsets, b.Offsets) && slices.Equal(a.IDs, b.IDs) && slices.Equal(a.Values, b.Values) {
			continue
		}
		d := cmp.Diff(*a, *b)
		t.Fatalf("%s, layer %d: %s", what, i, d[:min(len(d), 600)])
	}
}

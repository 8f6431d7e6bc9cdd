package recording

import (
	"cmp"
	"slices"

	"ganglion/pipeline"
)

// DamageError is the first damage of a recording that is read strictly.
type DamageError struct{ Damage pipeline.Damage }

func (e *DamageError) Error() string { return "damaged: " + e.Damage.String() }

// mergeDamage joins two reports in order of first offset. The result is never
// nil.
func mergeDamage(a, b []pipeline.Damage) []pipeline.Damage {
	all := append(append([]pipeline.Damage{}, a...), b...)
	slices.SortStableFunc(all, func(a, b pipeline.Damage) int { return cmp.Compare(a.Offset, b.Offset) })
	return all
}

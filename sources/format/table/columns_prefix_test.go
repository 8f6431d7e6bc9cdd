package table

import (
	"fmt"
	"testing"
)

// Names with one beginning in common are the four columns; two such sets are
// ambiguous.
func TestColumnsMayShareABeginning(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"event_t", "event_x", "event_y", "event_p"}, "t[us],x,y,p"},
		{[]string{"meta", "ev.x", "ev.y", "ev.ts_ns", "ev.pol"}, "-,x,y,t[ns],p"},
		{[]string{"left_t", "left_x", "left_y", "left_p", "right_t", "right_x", "right_y", "right_p"}, ""},
		{[]string{"event_t", "event_x", "event_y"}, ""},
	} {
		columns, _, ok := columnsOf(c.names)
		if ok != (c.want != "") || ok && columns.String() != c.want {
			t.Errorf("%v: %v %s, want %q", c.names, ok, columns.String(), c.want)
		}
	}
}

// With every name looked at for every beginning, this would take minutes.
func TestManyBeginningsAreLookedAtOnce(t *testing.T) {
	t.Parallel()
	var names []string
	for i := range 200_000 {
		names = append(names, fmt.Sprint(i, "_t"))
	}
	names = append(names, "ev_t", "ev_x", "ev_y", "ev_p")
	if columns, _, ok := columnsOf(names); !ok || columns.count != len(names) || columns.roles[len(names)-4] != roleT {
		t.Errorf("%t with %d columns", ok, columns.count)
	}
}

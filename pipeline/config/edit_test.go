package config_test

import (
	"strings"
	"testing"

	"ganglion/pipeline/config"
)

func TestEditKeepsCommentsAndMakesWhatIsMissing(t *testing.T) {
	t.Parallel()
	const file = "# other\nname: a\nreadout: {type: motion}\n---\n" +
		"# what it is for\nname: b\nreadout:\n  type: motion # tracks\n  period: 10ms\n"
	var set []config.Override
	for _, s := range []string{"readout.period=20ms", "readout.track.confirm=5", `readout.lines=[{"name":"gate","x0":1,"y0":2,"x1":3,"y1":4}]`} {
		o, err := config.ParseSet(s)
		if err != nil {
			t.Fatal(err)
		}
		set = append(set, o)
	}
	got, err := config.Edit([]byte(file), "b", set)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# what it is for", "type: motion # tracks", "period: 20ms", "confirm: 5", `"name": "gate"`} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(string(got), "other") || strings.Contains(string(got), "10ms") {
		t.Errorf("another pipeline or the old value is left:\n%s", got)
	}
	if _, err := config.Edit([]byte(file), "c", nil); err == nil || !strings.Contains(err.Error(), `"c"`) {
		t.Errorf("a pipeline that is not there: %v", err)
	}
	bad, _ := config.ParseSet("name.x=1")
	if _, err := config.Edit([]byte(file), "b", []config.Override{bad}); err == nil {
		t.Error("a key of a plain value was set")
	}
}

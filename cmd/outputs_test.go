package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What lies beside an output while it is written, such as its rows, is no other
// output and no input of any command.
func TestWhatLiesBesideAnOutputIsNobodyElses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	pipeline := "name: m\nsource: {type: recording, path: " + at("in.raw") + "}\nencoder: {type: events}\n" +
		"network: {model: motion}\nreadout: {type: motion}\nsinks: [{type: parquet, path: " + at("d.parquet") + "}]\n"
	for name, text := range map[string]string{"c.yaml": pipeline, "d.parquet.rows": pipeline, "in.raw": "", "m.nir.checkpoint": ""} {
		if err := os.WriteFile(at(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	rows, unfinished := `{type: parquet, path: "`+at("e.parquet")+`"}`, `{type: arrow, path: "`+at("e.arrow")+`"}`
	for _, c := range []struct {
		want string // empty: it is no collision
		args []string
	}{
		{"d.parquet.rows is the configuration too", []string{"run", at("d.parquet.rows")}},
		{"e.parquet.rows is written by", []string{"validate", at("c.yaml"), "--set",
			`sinks=[` + rows + `, {type: jsonl, path: "` + at("e.parquet.rows") + `"}]`}},
		{"e.arrow.tmp is written by", []string{"validate", at("c.yaml"), "--set",
			`sinks=[{type: csv, path: "` + at("e.arrow.tmp") + `"}, ` + unfinished + `]`}},
		{"", []string{"validate", at("c.yaml"), "--set", `sinks=[` + rows + `, ` + unfinished + `]`}},
		{"m.nir.checkpoint is --labels too", []string{"train", "classifier", "--data", dir, "--out", at("m.nir"),
			"--labels", at("m.nir.checkpoint")}},
	} {
		_, stderr, code := invoke(t, c.args...)
		if c.want == "" && strings.Contains(stderr, "is written by") || c.want != "" && (code != 2 || !strings.Contains(stderr, c.want)) {
			t.Errorf("%q: exit code %d, %s", c.args, code, stderr)
		}
	}
}

package arrow

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"ganglion/pipeline"
)

// javascript returns the folder of the reader that uses the apache-arrow npm
// package, installed if need be, or skips the test.
func javascript(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "..", ".ci", "arrow-js"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed")
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "apache-arrow")); err == nil {
		return dir
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	install := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("the apache-arrow npm package cannot be had: %v\n%s", err, out)
	}
	return dir
}

func TestJavaScriptReadsEveryUncompressedForm(t *testing.T) {
	t.Parallel()
	dir := javascript(t)
	all := detections(25)
	for _, name := range []string{"a file", "a file with many batches", "a stream", "a stream with many batches"} {
		path := filepath.Join(t.TempDir(), "d.arrow")
		if err := os.WriteFile(path, encoded(t, all, variants[name]), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("node", filepath.Join(dir, "read.js"), path, "seq", "kind", "label", "x0", "emit_delay_us").Output()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got struct {
			Rows    int
			Columns []string
			Values  struct {
				Seq       []uint64
				Kind      []string
				Label     []*string
				X0        []*float32
				EmitDelay []*int64 `json:"emit_delay_us"`
			}
		}
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("%s: %v in %s", name, err, out)
		}
		if got.Rows != len(all) || len(got.Columns) != len(columns) {
			t.Fatalf("%s: %d rows and %d columns, want %d and %d", name, got.Rows, len(got.Columns), len(all), len(columns))
		}
		rows := viaJSON(t, all)
		for i := range rows {
			d := pipeline.UnknownDetection()
			d, want := pipeline.UnknownDetection(), pipeline.UnknownDetection()
			d.Seq, d.Kind = got.Values.Seq[i], pipeline.Kind(got.Values.Kind[i])
			set(&d.Label, got.Values.Label[i])
			set(&d.X0, got.Values.X0[i])
			set(&d.EmitDelayUS, got.Values.EmitDelay[i])
			want.Seq, want.Kind, want.Label = rows[i].Seq, rows[i].Kind, rows[i].Label
			want.X0, want.EmitDelayUS = rows[i].X0, rows[i].EmitDelayUS
			same(t, []detection{d}, []detection{want})
		}
	}
}

func set[T any](field *T, cell *T) {
	if cell != nil {
		*field = *cell
	}
}

package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
)

// fieldRows are the rows of the table of docs/detections.md.
func fieldRows() string {
	var b strings.Builder
	for _, f := range pipeline.Fields() {
		family := map[pipeline.Family]string{pipeline.EveryRecord: "all", pipeline.MotionRecords: "motion",
			pipeline.SoundRecords: "sound"}[f.Family]
		null := ""
		if f.Nullable() {
			null = "yes"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", f.Name, family, f.Unit, null, f.Doc)
	}
	return b.String()
}

func TestThePageOfDetectionsHasEveryField(t *testing.T) {
	path := filepath.Join("..", "docs", "detections.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- fields -->\n", "<!-- end of fields -->"
	head, rest, ok := strings.Cut(string(page), begin)
	_, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("the page has no place for the fields")
	}
	want := head + begin + "| field | records | unit | nullable | meaning |\n| --- | --- | --- | --- | --- |\n" + fieldRows() + end + tail
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if page, _ = os.ReadFile(path); string(page) != want {
		t.Error("docs/detections.md is out of date; run this test with -update")
	}
}

func TestDetectionsAreAsTheSchemaSays(t *testing.T) {
	c := jsonschema.NewCompiler()
	text := schemaText(t)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource("detection.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("detection.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range pipelinetest.Detections(20) {
		record, err := jsonschema.UnmarshalJSON(strings.NewReader(string(d.AppendJSON(nil))))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(record); err != nil {
			t.Error(err)
		}
		delete(record.(map[string]any), "run") // the schema does refuse something
		if schema.Validate(record) == nil {
			t.Error("a record without a run is accepted")
		}
	}
}

func schemaText(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	cmd := newSchemaDetection()
	cmd.SetArgs([]string{}) // nil would be those of the test
	cmd.SetOut(&b)
	if err := cmd.Execute(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

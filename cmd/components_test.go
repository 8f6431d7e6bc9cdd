package cmd

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
)

func TestDeclarationsAreInOrder(t *testing.T) {
	if err := ganglion.components.Check(); err != nil {
		t.Error(err)
	}
	for _, k := range component.Kinds() {
		if len(ganglion.components.OfKind(k)) == 0 {
			t.Errorf("no %s", k)
		}
	}
}

// frame is a pipeline of which an example replaces one section.
var frame = map[string]string{
	"source":  "{type: simulator}",
	"encoder": "{type: events}",
	"network": "{model: motion}",
	"readout": "{type: motion}",
	"sinks":   "[]",
}

func TestExamplesOfDescribeAreValid(t *testing.T) {
	schema := compileSchema(t)
	for _, s := range ganglion.components {
		t.Run(string(s.Kind)+" "+s.Name, func(t *testing.T) {
			key := string(s.Kind)
			if s.Kind == component.KindSink {
				key = "sinks"
			}
			doc := "name: example\n" + s.Example()
			for k, section := range frame {
				if k != key {
					doc += k + ": " + section + "\n"
				}
			}
			checkDocument(t, schema, "example.yaml", doc)
		})
	}
}

func TestConfigsThatShipAreValid(t *testing.T) {
	files, err := filepath.Glob("../configs/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Error("no configs")
	}
	schema := compileSchema(t)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for doc := range strings.SplitSeq(string(text), "\n---\n") {
			checkDocument(t, schema, filepath.Base(file), doc)
		}
	}
}

// TestConfigsInTheDocsAreValid checks every block of YAML that is a pipeline.
func TestConfigsInTheDocsAreValid(t *testing.T) {
	schema := compileSchema(t)
	files, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, file := range append(files, "../README.md") {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range yamlBlock.FindAllStringSubmatch(string(text), -1) {
			for doc := range strings.SplitSeq(block[1], "\n---\n") {
				checked++
				checkDocument(t, schema, filepath.Base(file), doc)
			}
		}
	}
	if checked == 0 {
		t.Error("no pipeline in the docs")
	}
}

// yamlBlock matches a fenced block that begins with a pipeline's name.
var yamlBlock = regexp.MustCompile("(?s)```yaml\n(name:.*?)```")

// checkDocument holds one document to the reader and to the JSON Schema.
func checkDocument(t *testing.T, schema *jsonschema.Schema, name, doc string) {
	t.Helper()
	o := ganglion.configOptions(nil)
	o.Env = func(string) (string, bool) { return "x", true }
	if _, err := config.Parse(name, []byte(doc), o); err != nil {
		t.Errorf("%v\n%s", err, doc)
	}
	var value any
	if err := yaml.Unmarshal([]byte(doc), &value); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s against the schema: %v\n%s", name, err, doc)
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := json.Marshal(config.Schema(ganglion.configOptions(nil)))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("pipeline.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("pipeline.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// TestReferencePageIsCurrent is the check of docs/components.md; -update
// writes it.
func TestReferencePageIsCurrent(t *testing.T) {
	const file = "../docs/components.md"
	got := ganglion.components.Reference()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/components.md is stale; go test ./cmd -update writes it:\n%s", diff)
	}
}

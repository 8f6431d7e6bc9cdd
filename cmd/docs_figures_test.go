package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/network/nir"
)

// TestFiguresOfShippedModelsAreThoseOfTheirFiles holds what docs say of the networks
// that come with the program to what these say of themselves.
func TestFiguresOfShippedModelsAreThoseOfTheirFiles(t *testing.T) {
	computer, digits, trunk := metadataOf(t, "computer"), metadataOf(t, "digits"), metadataOf(t, "trunk")
	size, err := os.Stat("../configs/trunk.nir")
	if err != nil {
		t.Fatal(err)
	}
	words := len(strings.Split(trunk["labels"], ", ")) - 1 // but for all else
	percent := func(of map[string]string, key string) string { return fmt.Sprintf("%.1f %%", 100*stated(t, of, key)) }
	hours := stated(t, computer, "test.clean.hours")
	for page, says := range map[string][]string{
		"keywords.md": {
			thousands(stated(t, computer, "training.parameters")) + " learned parameters",
			fmt.Sprintf("%s of %s missed and %.0f false accepts in %.2f h", computer["test.clean.missed"], computer["test.clean.said"],
				hours*stated(t, computer, "test.clean.false_per_hour"), hours),
			"The threshold in use is " + strings.TrimPrefix(computer["thresholds"], "0, ") + ".",
			fmt.Sprintf("has heard %.1f h of other speech", stated(t, computer, "training.hours_without")),
			fmt.Sprintf("`builtin:trunk`, %.0f kB", float64(size.Size())/1000),
			fmt.Sprintf("for each of %d words", words),
			fmt.Sprintf("tells %d other words apart", words),
			fmt.Sprintf("%.1f %% of the windows were right", 100*stated(t, trunk, "training.accuracy")),
		},
		"digits.md": {
			thousands(stated(t, digits, "training.parameters")) + " learned parameters",
			fmt.Sprintf("| 1 (ships) | %s | %s | %s |", percent(digits, "test.accuracy_45_db"), percent(digits, "test.accuracy_20_db"),
				percent(digits, "test.accuracy_10_db")),
			fmt.Sprintf("(%s words, %s epochs, tests included)", thousands(stated(t, digits, "training.words")), digits["training.epochs"]),
			digits["test.words"] + " in all, are held out",
		},
	} {
		text := string(mustRead(t, filepath.Join("..", "docs", page)))
		for _, s := range says {
			if !strings.Contains(text, s) {
				t.Errorf("docs/%s does not say %q", page, s)
			}
		}
	}
}

// TestTheRecordOfAKeywordIsPrintedAsItIs compares the record in docs/keywords.md with
// the first one that its command prints; "..." is anything.
func TestTheRecordOfAKeywordIsPrintedAsItIs(t *testing.T) {
	page := mustRead(t, "../docs/keywords.md")
	block := regexp.MustCompile("```json\n(.*)\n```").FindSubmatch(page)
	if block == nil {
		t.Fatal("docs/keywords.md has no record")
	}
	heard := filepath.Join(t.TempDir(), "heard.jsonl")
	runQuietly(t, "run", "../configs/keywords.yaml", "--log-level", "error", "--set", "sinks=[{type: jsonl, path: "+heard+"}]")
	first, _, _ := strings.Cut(string(mustRead(t, heard)), "\n")
	var want, got map[string]any
	for text, to := range map[string]*map[string]any{string(block[1]): &want, first: &got} {
		if err := json.Unmarshal([]byte(text), to); err != nil {
			t.Fatal(err)
		}
	}
	for key, v := range want {
		if _, ok := got[key]; ok && v == "..." {
			got[key] = v
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("docs/keywords.md (-) and what is printed (+): %s", d)
	}
}

// TestPagesAgreeOnTheDetectionsOfTheShippedRecording holds every count of detections
// in README and docs to the account that the README prints, which a test compares.
func TestPagesAgreeOnTheDetectionsOfTheShippedRecording(t *testing.T) {
	account := regexp.MustCompile(`(?m)^detections +(\d+):`).FindSubmatch(mustRead(t, "../README.md"))
	if account == nil {
		t.Fatal("the README prints no account")
	}
	for page, says := range map[string]string{
		"consume.md":       "all %s detections of `configs/motion.yaml`",
		"scale-out.md":     "Every camera ends with %s detections",
		"configuration.md": "two objects cross  (%s detections",
	} {
		want := fmt.Sprintf(says, account[1])
		if !strings.Contains(string(mustRead(t, filepath.Join("..", "docs", page))), want) {
			t.Errorf("docs/%s does not say %q", page, want)
		}
	}
}

// TestWhatAWorkerMakesOnItsServersIsPrintedAsItIs compares the first log of
// docs/scale-out.md with what --dry-run prints.
func TestWhatAWorkerMakesOnItsServersIsPrintedAsItIs(t *testing.T) {
	var out bytes.Buffer
	root := ganglion.newRoot()
	root.SetOut(&out)
	root.SetErr(io.Discard)
	root.SetArgs([]string{"work", "../configs/cluster.yaml", "--nats", "embedded", "--listen", freeAddress(t), "--dry-run"})
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	page := string(mustRead(t, "../docs/scale-out.md"))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for _, line := range lines {
		if !strings.Contains(page, `level=INFO msg="`+line+`"`) {
			t.Errorf("docs/scale-out.md does not print %q", line)
		}
	}
	if n := strings.Count(page, `level=INFO msg="create`); n != len(lines) {
		t.Errorf("docs/scale-out.md prints that %d things are made, --dry-run %d", n, len(lines))
	}
}

// metadataOf is what a network that comes with the program says of itself.
func metadataOf(t *testing.T, name string) map[string]string {
	t.Helper()
	m, err := nir.ReadFile("builtin:"+name, nir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	report, err := nir.Describe(m)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, entry := range report.Metadata {
		all[entry.Key] = entry.Value
	}
	return all
}

func stated(t *testing.T, of map[string]string, key string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(of[key], 64)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return v
}

// thousands is a whole number below a million with a comma, as pages write it.
func thousands(v float64) string {
	n := int(math.Round(v))
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

package telemetry

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ganglion/internal/shareddata"
)

// deployed is a file of docs/deploy.
func deployed(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(shareddata.Project(t, "docs", "deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestAlertsAndDashboardNameMetricsThatThereAre holds each metric that they name
// against those of the program, by their names in Prometheus.
func TestAlertsAndDashboardNameMetricsThatThereAre(t *testing.T) {
	there := map[string]bool{}
	add := func(name, unit string, counts bool) {
		name = strings.ReplaceAll(name, ".", "_")
		switch unit {
		case "s":
			name += "_seconds"
		case "By":
			name += "_bytes"
		}
		if counts {
			name += "_total"
		}
		there[name] = true
	}
	for _, list := range [][]definition{definitions[:], reloadCounters[:]} {
		for _, d := range list {
			add(d.name, d.unit, d.kind == counter)
		}
	}
	add(latencyName, "s", false)
	for _, file := range []string{"alerts.yaml", "grafana.json"} {
		names := regexp.MustCompile(`ganglion_\w+`).FindAllString(deployed(t, file), -1)
		if len(names) < 7 {
			t.Errorf("%s names %d metrics", file, len(names))
		}
		for _, name := range names {
			if !there[strings.TrimSuffix(name, "_bucket")] {
				t.Errorf("%s: there is no metric %s", file, name)
			}
		}
	}
	var dashboard struct {
		Title  string
		Panels []struct{ Targets []struct{ Expr string } }
	}
	err := json.Unmarshal([]byte(deployed(t, "grafana.json")), &dashboard)
	if err != nil || dashboard.Title != "ganglion" || len(dashboard.Panels) < 8 {
		t.Errorf("%v: %+v", err, dashboard)
	}
	for i, p := range dashboard.Panels {
		if len(p.Targets) == 0 || p.Targets[0].Expr == "" {
			t.Errorf("panel %d shows nothing", i)
		}
	}
}

func TestPrometheusTakesTheAlerts(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed (Debian: prometheus)")
	}
	dir := t.TempDir()
	var rules strings.Builder
	for _, name := range []string{"alerts.yaml", "alerts_test.yaml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(deployed(t, name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The expressions of the dashboard are rules of a file of their own.
	var dashboard struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	if err := json.Unmarshal([]byte(deployed(t, "grafana.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	rules.WriteString("groups: [{name: dashboard, rules: [")
	n := 0
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			expr, err := json.Marshal(strings.NewReplacer("$__rate_interval", "5m", "$stream", ".*").Replace(target.Expr))
			if err != nil {
				t.Fatal(err)
			}
			n++
			fmt.Fprintf(&rules, "{record: panel:of, expr: %s, labels: {n: \"%d\"}},", expr, n)
		}
	}
	rules.WriteString("]}]\n")
	if err := os.WriteFile(filepath.Join(dir, "dashboard.yaml"), []byte(rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"check", "rules", "alerts.yaml", "dashboard.yaml"}, {"test", "rules", "alerts_test.yaml"}} {
		cmd := exec.Command(promtool, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}

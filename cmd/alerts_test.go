package cmd

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// TestPrometheusRaisesTheAlertOfADeadSink has Prometheus scrape a pipeline whose bus
// dies, with the rules of docs/deploy: the alert becomes pending. A copy of the rules
// that waits for a second in place of two minutes shows that it then fires. Scrapes
// and rules want some seconds.
func TestPrometheusRaisesTheAlertOfADeadSink(t *testing.T) {
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("prometheus is not installed (Debian: prometheus)")
	}
	rules := string(mustRead(t, "../docs/deploy/alerts.yaml"))
	t.Chdir("..")
	bus, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	bus.Start()
	stop := func() { bus.Shutdown(); bus.WaitForShutdown() }
	t.Cleanup(stop)
	served := printedLike(t, `telemetry is served.*address=\S+`, "run", "configs/motion.yaml", "--set", "source.pace=0.005x",
		"--set", fmt.Sprintf("sinks=[{type: nats, url: %q}]", bus.ClientURL()), "--set", "telemetry.listen=127.0.0.1:0")
	_, target, _ := strings.Cut(served, "address=")

	dir := t.TempDir()
	for name, text := range map[string]string{
		"alerts.yaml": rules,
		"soon.yaml": strings.NewReplacer("name: ganglion", "name: soon", "for: 2m", "for: 1s", "severity: critical", "severity: soon").
			Replace(rules),
		"prometheus.yml": fmt.Sprintf(`global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 500ms}
scrape_configs:
  - job_name: ganglion
    static_configs: [{targets: [%q]}]
rule_files: [alerts.yaml, soon.yaml]
`, target),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	address := freeAddress(t)
	p := exec.CommandContext(t.Context(), program, "--config.file", filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path", filepath.Join(dir, "data"), "--web.listen-address", address)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Wait() }) // the test's context has killed it

	api := prometheus{t, "http://" + address + "/api/v1/"}
	api.until("the sink connected", func() bool { return api.value("ganglion_sink_connected") == "1" })
	if states := api.states("GanglionSinkIsAway"); len(states) != 0 {
		t.Errorf("while the bus is there: %v", states)
	}
	stop()
	api.until("an alert pending and one firing", func() bool {
		states := api.states("GanglionSinkIsAway")
		return states["critical motion nats"] == "pending" && states["soon motion nats"] == "firing"
	})
}

// prometheus is the HTTP interface of a Prometheus server.
type prometheus struct {
	t    *testing.T
	base string
}

// until waits for what Prometheus must see.
func (p prometheus) until(what string, seen func() bool) {
	p.t.Helper()
	for end := time.Now().Add(90 * time.Second); !seen(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("Prometheus does not see %s; alerts: %v", what, p.states("GanglionSinkIsAway"))
		}
	}
}

// get reads an answer; false while there is none.
func (p prometheus) get(path string, into any) bool {
	r, err := http.Get(p.base + path) //nolint:noctx // it answers or is not there
	if err != nil {
		return false
	}
	defer r.Body.Close()
	return json.NewDecoder(r.Body).Decode(into) == nil
}

// value is the value of an expression, "" without one.
func (p prometheus) value(expr string) string {
	var answer struct {
		Data struct{ Result []struct{ Value [2]any } }
	}
	if !p.get("query?query="+url.QueryEscape(expr), &answer) || len(answer.Data.Result) != 1 {
		return ""
	}
	return fmt.Sprint(answer.Data.Result[0].Value[1])
}

// states are the states of an alert by severity, stream and sink.
func (p prometheus) states(alert string) map[string]string {
	var answer struct {
		Data struct {
			Alerts []struct {
				Labels map[string]string
				State  string
			}
		}
	}
	states := map[string]string{}
	p.get("alerts", &answer)
	for _, a := range answer.Data.Alerts {
		if l := a.Labels; l["alertname"] == alert {
			states[l["severity"]+" "+l["stream"]+" "+l["sink"]] = a.State
		}
	}
	return states
}

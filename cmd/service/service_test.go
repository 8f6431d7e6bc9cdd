package service

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ganglion/internal/sleep"
	"ganglion/pipeline"
	"ganglion/pipeline/checkpoint"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
	"ganglion/pipeline/telemetry"
)

// The components of the tests: a source that does as it is told, and fakes.
type sourceConfig struct {
	Batches int           `key:"batches" doc:"Batches of one event." min:"0"`
	Every   time.Duration `key:"every" doc:"Wall time between two."`
	Endless bool          `key:"endless" doc:"Wait for the end of the run behind them."`
	Fails   string        `key:"fails" doc:"An error behind them."`
	Shut    string        `key:"shut" doc:"An error of Open."`
	Broken  string        `key:"broken" doc:"An error of the constructor."`
}

type readoutConfig struct {
	Hold  int `key:"hold" live:"true" doc:"A threshold."`
	Lines int `key:"lines" doc:"What only a new run can take."`
}

// readout is one that can be adjusted, but not to a negative threshold.
type readout struct{ pipelinetest.FakeReadout }

func (*readout) Adjust(cfg any) error {
	if cfg.(*readoutConfig).Hold < 0 {
		return errors.New("hold: is negative")
	}
	return nil
}

var table = component.Table{
	component.Source("fake", "a source that does as it is told", sourceConfig{Batches: 3}, func(c sourceConfig,
		_ component.Env) (pipeline.Source, error) {
		if c.Broken != "" {
			return nil, errors.New(c.Broken)
		}
		s := &pipelinetest.FakeSource{Batches: c.Batches, Events: 1, Endless: c.Endless}
		if s.ErrAt = c.Batches; c.Fails != "" {
			s.ReadErr = errors.New(c.Fails)
		}
		if c.Shut != "" {
			s.OpenErr = errors.New(c.Shut)
		}
		s.BeforeRead = func(ctx context.Context, _ int) { _ = sleep.For(ctx, c.Every) }
		return s, nil
	}),
	component.Encoder("fake", "a spike of each event", struct{}{}, func(_ struct{}, info pipeline.StreamInfo) (pipeline.Encoder, error) {
		return &pipelinetest.FakeEncoder{Info: info}, nil
	}),
	component.Network("fake", "spikes as they are", struct{}{}, func(_ struct{}, in pipeline.Shape) (pipeline.Network, error) {
		return &pipelinetest.FakeNetwork{In: in}, nil
	}),
	component.Readout("fake", "a detection of each spike", readoutConfig{}, func(readoutConfig, pipeline.StreamInfo,
		[]pipeline.Layer) (pipeline.Readout, error) {
		return new(readout), nil
	}),
	component.Sink("fake", "nowhere", struct{}{}, func(struct{}, component.Env) (pipeline.Sink,
		error) {
		return new(pipelinetest.FakeSink), nil
	}),
}

// document is a pipeline of a name whose source and top-level keys are given.
func document(name, source string, more ...string) string {
	return "---\nname: " + name + "\nsource: {type: fake" + source + "}\nencoder: {type: fake}\nnetwork: {model: fake}\n" +
		strings.Join(append([]string{"sinks: [{type: fake}]"}, more...), "\n") + "\n"
}

const plainReadout = "readout: {type: fake}"

func parse(t *testing.T, text string) []*config.Pipeline {
	t.Helper()
	pipelines, err := config.Parse("test.yaml", []byte(text), config.Options{
		Table: table, Sections: Sections(), SinkSections: SinkSections(), Env: func(string) (string, bool) { return "", false },
	})
	if err != nil {
		t.Fatal(err)
	}
	return pipelines
}

// journal is a log that can be read while it is written.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

func options(log *journal) Options {
	return Options{
		Version: "v0", Log: slog.New(slog.NewTextHandler(log, nil)),
		Identity: func(*config.Pipeline) (checkpoint.Identity, error) { return nil, nil },
		Extend:   func(*config.Pipeline, *runner.Pipeline) error { return nil },
		Progress: func(int) func(runner.Progress) { return nil },
		Check:    func(context.Context, *config.Pipeline, runner.Pipeline) error { return nil },
	}
}

// run runs the pipelines of a text for so long and returns what came of them.
func run(t *testing.T, text string, long time.Duration) (summaries []runner.Summary, log string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	j := new(journal)
	s, err := New(ctx, parse(t, text), options(j))
	if err != nil {
		t.Fatal(err)
	}
	_, summaries, err = s.Run(ctx)
	if cerr := s.Close(ctx); cerr != nil {
		t.Error(cerr)
	}
	return summaries, j.String(), err
}

func TestRunsFollowEachOtherAsThePolicySays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		policy, source string
		least, most    int // runs in 20 s
		err            string
	}{
		{"never", ", fails: the cable is out", 1, 1, "the cable is out"},
		{"never", "", 1, 1, ""},
		{"on-failure", "", 1, 1, ""},
		// Pauses of 1, 2, 4, 4, ... s, each less up to a quarter.
		{"{policy: on-failure, pause: 1s, longest: 4s}", ", fails: the cable is out", 7, 8, "the cable is out"},
		{"{policy: always, pause: 1s, longest: 4s}", "", 7, 8, ""},
		// A run that lasts longer than the longest pause is followed by the shortest.
		{"{policy: always, pause: 1s, longest: 4s}", ", batches: 5, every: 1s", 3, 4, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			summaries, log, err := run(t, document("cam", c.source, plainReadout, "restart: "+c.policy), 20*time.Second)
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s%s: error %v, want %q", c.policy, c.source, err, c.err)
			}
			if n := len(summaries); n < c.least || n > c.most {
				t.Errorf("%s%s: %d runs, want %d to %d\n%s", c.policy, c.source, n, c.least, c.most, log)
			}
		})
	}
}

func TestOneThatFailsDisturbsNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		text := document("bad", ", fails: the cable is out", plainReadout) + document("good", ", batches: 7, every: 1s", plainReadout)
		summaries, log, err := run(t, text, time.Minute)
		if err == nil || !strings.Contains(err.Error(), "the cable is out") || !strings.Contains(log, "the pipeline has failed") {
			t.Errorf("error %v\n%s", err, log)
		}
		if len(summaries) != 2 || summaries[1].Name != "good" || summaries[1].Stopped || summaries[1].Sinks[0].Written != 8 {
			t.Errorf("%+v", summaries)
		}
	})
}

// shop is a service that runs, whose configuration can be changed.
type shop struct {
	*Service
	t    *testing.T
	log  *journal
	text string
	fail error // of the next Load
	done chan []runner.Summary
	end  context.CancelFunc
}

func open(t *testing.T, text string, edit func(o *Options)) *shop {
	t.Helper()
	s := &shop{t: t, log: new(journal), text: text, done: make(chan []runner.Summary, 1)}
	o := options(s.log)
	o.Load = func() ([]*config.Pipeline, error) {
		if s.fail != nil {
			return nil, s.fail
		}
		return parse(t, s.text), nil
	}
	if edit != nil {
		edit(&o)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.end = cancel
	var err error
	if s.Service, err = New(ctx, parse(t, text), o); err != nil {
		t.Fatal(err)
	}
	go func() { // ends with the context
		_, summaries, err := s.Run(ctx)
		if err != nil {
			t.Error(err)
		}
		s.done <- summaries
	}()
	synctest.Wait()
	return s
}

// reload takes over another configuration and lets it run for a while.
func (s *shop) reload(text string) {
	s.text = text
	s.Reload()
	time.Sleep(5 * time.Second)
	synctest.Wait()
}

// runs are the pipelines that run, by name.
func (s *shop) runs() (names []string) {
	for _, m := range s.all() {
		m.mu.Lock()
		if m.runner.Running() {
			names = append(names, m.pipeline.Name)
		}
		m.mu.Unlock()
	}
	slices.Sort(names)
	return names
}

// counted are the reloads that were taken over and that failed.
func (s *shop) counted() [2]int64 { return [2]int64{s.reloads.Load(), s.failures.Load()} }

// close ends all and returns the runs that were, by name.
func (s *shop) close() (names []string) {
	s.end()
	for _, summary := range <-s.done {
		names = append(names, summary.Name)
	}
	slices.Sort(names)
	return names
}

const steady = ", batches: 1000000, every: 100ms"

func TestAReloadTakesOverWhatHasChangedAndNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := document("kept", steady, plainReadout) + document("changed", steady, plainReadout) +
			document("tuned", steady, plainReadout) + document("removed", steady, plainReadout)
		s := open(t, first, nil)
		if !s.Alive() || !slices.Equal(s.runs(), []string{"changed", "kept", "removed", "tuned"}) {
			t.Errorf("runs %q", s.runs())
		}
		s.reload(document("kept", steady, plainReadout, "restart: always") + document("changed", steady+", shut: ''",
			"readout: {type: fake, lines: 1}") +
			document("tuned", steady, "readout: {type: fake, hold: 2}") + document("new", steady, plainReadout))
		if !slices.Equal(s.runs(), []string{"changed", "kept", "new", "tuned"}) || s.counted() != [2]int64{1, 0} {
			t.Errorf("runs %q, counts %v\n%s", s.runs(), s.counted(), s.log)
		}
		if want := `thresholds=tuned changed=changed new=1 removed=1 unchanged=1`; !strings.Contains(s.log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, s.log)
		}
		for _, m := range s.all() {
			switch m.now().Name {
			case "kept":
				if m.now().Sections.Of(restartSection).(*restartConfig).Policy != restartAlways {
					t.Error("the policy of one that runs on is not taken over")
				}
			case "tuned":
				if m.runner.Summary().ConfigHash != m.now().Hash {
					t.Error("the run that was tuned bears the old configuration")
				}
			}
		}
		if got := s.close(); !slices.Equal(got, []string{"changed", "changed", "kept", "new", "removed", "tuned"}) {
			t.Errorf("there were runs of %q", got)
		}
	})
}

func TestWhatIsWrongWithAReloadLeavesAllAsItWas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		text := document("cam", steady, plainReadout)
		refuse := errors.New("no such device")
		var checks error
		s := open(t, text, func(o *Options) {
			o.Check = func(context.Context, *config.Pipeline, runner.Pipeline) error { return checks }
			o.Identity = func(p *config.Pipeline) (checkpoint.Identity, error) {
				if p.Name == "stranger" {
					return nil, refuse
				}
				return nil, nil
			}
		})
		for i, c := range []struct {
			name, text, want string
			load, check      error
		}{
			{"a file that cannot be read", text, "line one", errors.New("line one\nline two"), nil},
			{"a model that is not there", document("stranger", steady, plainReadout), `pipeline \"stranger\": no such device`, nil, nil},
			{"a source that cannot be built", document("cam", steady+", broken: no driver", plainReadout), `pipeline \"cam\": source \"fake\": no driver`, nil, nil},
			{"a new one that cannot be built", text + document("mic", ", broken: no driver", plainReadout), `pipeline \"mic\": source \"fake\": no driver`, nil, nil},
			{"an output that is taken", document("cam", steady, "readout: {type: fake, lines: 1}"), "no such device", nil, refuse},
		} {
			s.fail, checks = c.load, c.check
			s.reload(c.text)
			if !slices.Equal(s.runs(), []string{"cam"}) || s.counted() != [2]int64{0, int64(i + 1)} || !strings.Contains(s.log.String(), c.want) {
				t.Errorf("%s: runs %q, counts %v\n%s", c.name, s.runs(), s.counted(), s.log)
			}
		}
		if !strings.Contains(s.log.String(), "line two") {
			t.Errorf("of two lines one is told:\n%s", s.log)
		}
		if got := s.close(); !slices.Equal(got, []string{"cam"}) {
			t.Errorf("there were runs of %q", got)
		}
	})
}

// A changed pipeline that does not open gives way to what ran before.
func TestAChangeThatDoesNotOpenIsTakenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, document("cam", steady, plainReadout), nil)
		s.reload(document("cam", steady+", shut: no signal", plainReadout))
		if !slices.Equal(s.runs(), []string{"cam"}) || s.counted() != [2]int64{1, 1} || !strings.Contains(s.log.String(), errReverted.Error()) {
			t.Errorf("runs %q, counts %v\n%s", s.runs(), s.counted(), s.log)
		}
		if m := s.all()[0]; m.now().Source.Config.(*sourceConfig).Shut != "" {
			t.Error("it runs with what does not open")
		}
		if got := s.close(); !slices.Equal(got, []string{"cam", "cam", "cam"}) {
			t.Errorf("there were runs of %q", got)
		}
	})
}

// A threshold that the readout refuses while it runs is taken over by a new run.
func TestAThresholdThatIsRefusedBeginsARun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, document("cam", steady, plainReadout), nil)
		s.reload(document("cam", steady, "readout: {type: fake, hold: -1}"))
		if !strings.Contains(s.log.String(), "the readout cannot change while it runs") || !slices.Equal(s.runs(), []string{"cam"}) {
			t.Errorf("runs %q\n%s", s.runs(), s.log)
		}
		if got := s.close(); len(got) != 2 {
			t.Errorf("there were runs of %q", got)
		}
	})
}

// A pipeline that has ended begins again when its configuration changes, as long as
// another one runs.
func TestWhatHasEndedBeginsWithAnotherConfiguration(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		other := document("other", steady, plainReadout)
		s := open(t, other+document("short", "", plainReadout), nil)
		time.Sleep(time.Second)
		synctest.Wait()
		if !slices.Equal(s.runs(), []string{"other"}) || !s.Alive() {
			t.Errorf("runs %q", s.runs())
		}
		s.reload(other + document("short", steady, plainReadout))
		if !slices.Equal(s.runs(), []string{"other", "short"}) {
			t.Errorf("runs %q\n%s", s.runs(), s.log)
		}
		s.reload(other) // it goes, and its name is free
		s.reload(other + document("short", steady, plainReadout))
		if !slices.Equal(s.runs(), []string{"other", "short"}) {
			t.Errorf("runs %q\n%s", s.runs(), s.log)
		}
		if got := s.close(); !slices.Equal(got, []string{"other", "short", "short", "short"}) {
			t.Errorf("there were runs of %q", got)
		}
	})
}

// A run with snapshots does not resume with a configuration that detects something else.
func TestSnapshotsHoldTheConfiguration(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, document("cam", steady, plainReadout), nil)
		s.o.Checkpoint = &runner.Checkpoint{Resume: true}
		s.o.Identity = func(p *config.Pipeline) (id checkpoint.Identity, err error) {
			id.Add("config_hash", p.Hash)
			return id, nil
		}
		s.all()[0].identity.Add("config_hash", s.all()[0].now().Hash)
		s.reload(document("cam", steady, "readout: {type: fake, lines: 1}"))
		if s.counted() != [2]int64{0, 1} || !strings.Contains(s.log.String(), "its snapshots cannot resume with another configuration") {
			t.Errorf("counts %v\n%s", s.counted(), s.log)
		}
		s.close()
	})
}

func TestWhatCannotBeBuiltIsNamed(t *testing.T) {
	t.Parallel()
	refuse := errors.New("no such device")
	for _, c := range []struct {
		name   string
		text   string
		edit   func(o *Options)
		want   string
		config bool // it is the configuration that is wrong
	}{
		{"a component", document("cam", ", broken: no driver", plainReadout), nil, `test.yaml: pipeline "cam": source "fake": no driver`, true},
		{"a model", document("cam", "", plainReadout), func(o *Options) {
			o.Identity = func(*config.Pipeline) (checkpoint.Identity, error) { return nil, refuse }
		}, `test.yaml: pipeline "cam": no such device`, true},
		{"what is added", document("cam", "", plainReadout), func(o *Options) {
			o.Extend = func(*config.Pipeline, *runner.Pipeline) error { return refuse }
		}, `test.yaml: pipeline "cam": no such device`, false},
		{"telemetry", document("cam", "", plainReadout, "telemetry: {listen: '127.0.0.1:0'}") + document("mic", "", plainReadout,
			"telemetry: {listen: '192.0.2.1:1'}"),
			nil, `test.yaml: pipeline "mic": telemetry: listen`, false},
	} {
		o := options(new(journal))
		if c.edit != nil {
			c.edit(&o)
		}
		_, err := New(t.Context(), parse(t, c.text), o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		if _, is := errors.AsType[ConfigError](err); is != c.config {
			t.Errorf("%s: an error of the configuration: %t", c.name, is)
		}
	}
}

// Pipelines with equal settings share a telemetry; what nobody asks for any more ends.
func TestEqualSettingsShareATelemetry(t *testing.T) {
	t.Parallel()
	const listening = "telemetry: {listen: '127.0.0.1:0'}"
	ctx, cancel := context.WithCancel(t.Context())
	pipelines := parse(t, document("a", ", endless: true", plainReadout, listening)+document("b", ", endless: true", plainReadout, listening)+
		document("c", ", endless: true", plainReadout))
	s, err := New(ctx, pipelines, options(new(journal)))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.telemetry) != 2 || s.telemetry[Telemetry(pipelines[0])] == s.telemetry[Telemetry(pipelines[2])] {
		t.Errorf("%d telemetries", len(s.telemetry))
	}
	for _, p := range pipelines[:2] { // both become silent
		*p.Sections.Of(telemetrySection).(*telemetry.Config) = Telemetry(pipelines[2])
	}
	if err := s.build(ctx, s.members[0], pipelines[0]); err != nil {
		t.Fatal(err)
	}
	if len(s.telemetry) != 1 {
		t.Errorf("%d telemetries where all want one", len(s.telemetry))
	}
	cancel()
	if _, _, err := s.Run(ctx); err != nil {
		t.Error(err)
	}
}

func TestADryRunHasNoOutputs(t *testing.T) {
	t.Parallel()
	text := document("cam", "", plainReadout, "errors: dead.jsonl", "keep: {dir: kept}")
	p := parse(t, text)[0]
	log := slog.New(slog.DiscardHandler)
	full, err := Assemble(p, false, log)
	if err != nil {
		t.Fatal(err)
	}
	if len(full.Sinks) != 1 || full.Sinks[0].Name != "fake" || full.Errors == nil || full.Errors.Input != "fake" || full.Keep == nil ||
		full.Name != "cam" ||
		full.ConfigHash != p.Hash {
		t.Errorf("%+v", full)
	}
	dry, err := Assemble(p, true, log)
	if err != nil || len(dry.Sinks) != 0 || dry.Errors != nil || dry.Keep != nil || dry.Source == nil {
		t.Errorf("%+v (%v)", dry, err)
	}
	if cases := Tests(p); len(cases) != 0 {
		t.Errorf("cases %v", cases)
	}
}

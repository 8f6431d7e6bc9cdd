package filter_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"ganglion/encoders/filter"
	"ganglion/pipeline"
	"ganglion/sources/simulator"
)

// The evaluation behind docs/denoising.md:
//
//	GANGLION_LONG=1 go test -run Table -v ./encoders/filter
//
// prints its tables, medians over ten seeds; without the variable two seeds
// guard the figures. Signal are the events that the simulator's objects
// caused, noise are shot, leak and hot-pixel events; events of the background
// itself count as neither.

// labelled is a simulated recording with its events told apart.
type labelled struct {
	events        []pipeline.Event
	causes        []int32
	signal, noise []bool
}

func record(t *testing.T, scene string, noise float64, seed uint64, d time.Duration) labelled {
	t.Helper()
	r, err := simulator.Record(simulator.Config{
		Scene: scene, Seed: seed, Noise: noise, Width: 128, Height: 128, Duration: d,
	})
	if err != nil {
		t.Fatal(err)
	}
	l := labelled{events: r.Events, causes: r.Causes}
	for _, cause := range r.Causes {
		l.signal = append(l.signal, cause > simulator.Background)
		l.noise = append(l.noise, cause < simulator.Background)
	}
	return l
}

// scorers are the filters whose ROC curves are compared. least is the median
// AUC that each must reach at 5 Hz in the scene with three objects.
var scorers = []struct {
	name   string
	config filter.Config
	least  float64
}{
	{"baf (STCF, k = 1)", filter.Config{Type: "baf"}, .90},
	{"stcf, k = 2", filter.Config{Type: "stcf"}, .95},
	{"stcf, k = 3", filter.Config{Type: "stcf", K: 3}, .95},
	{"stcf, k = 2, matching polarity", filter.Config{Type: "stcf", MatchPolarity: true}, .90},
	{"stcf, k = 2, counting itself", filter.Config{Type: "stcf", CountSelf: true}, .90},
	{"neighbor_lif, tau 10 ms", filter.Config{Type: "neighbor_lif"}, .96},
	{"neighbor_lif, tau 10 ms, matching polarity", filter.Config{Type: "neighbor_lif", MatchPolarity: true}, .97},
	{"neighbor_lif, tau 20 ms, matching polarity", filter.Config{Type: "neighbor_lif", MatchPolarity: true, Tau: 20 * time.Millisecond}, .97},
}

// points are filters at a fixed setting.
var points = []struct {
	name    string
	configs []filter.Config
}{
	{"baf, 25 ms", []filter.Config{{Type: "baf"}}},
	{"baf, 5 ms", []filter.Config{{Type: "baf", DT: 5 * time.Millisecond}}},
	{"stcf, k = 2, 25 ms", []filter.Config{{Type: "stcf"}}},
	{"stcf, k = 2, 10 ms", []filter.Config{{Type: "stcf", DT: 10 * time.Millisecond}}},
	{"stcf, k = 2, 25 ms, matching polarity", []filter.Config{{Type: "stcf", MatchPolarity: true}}},
	{"stcf, k = 4, 25 ms", []filter.Config{{Type: "stcf", K: 4}}},
	{"neighbor_lif, threshold 0.5", []filter.Config{{Type: "neighbor_lif", Threshold: .5}}},
	{"neighbor_lif, threshold 1", []filter.Config{{Type: "neighbor_lif"}}},
	{"neighbor_lif, threshold 1.5", []filter.Config{{Type: "neighbor_lif", Threshold: 1.5}}},
	{"neighbor_lif, threshold 0.5, matching polarity", []filter.Config{{Type: "neighbor_lif", Threshold: .5, MatchPolarity: true}}},
	{"neighbor_lif, threshold 1, matching polarity", []filter.Config{{Type: "neighbor_lif", MatchPolarity: true}}},
	{"refractory, 1 ms", []filter.Config{{Type: "refractory"}}},
	{"hot_pixel", []filter.Config{{Type: "hot_pixel"}}},
	{"anti_flicker", []filter.Config{{Type: "anti_flicker"}}},
	{"hot_pixel, anti_flicker, stcf k = 2", []filter.Config{{Type: "hot_pixel"}, {Type: "anti_flicker"}, {Type: "stcf"}}},
}

// evaluation reports how many seeds, and which noise rates in Hz, to go through.
func evaluation() (seeds uint64, rates []float64) {
	if os.Getenv("GANGLION_LONG") != "" {
		return 10, []float64{1, 5, 10}
	}
	return 2, []float64{5}
}

func TestDenoisingTable(t *testing.T) {
	t.Parallel()
	seeds, rates := evaluation()
	var columns []string
	recordings := map[string][]labelled{}
	for _, rate := range rates {
		for _, scene := range []string{"three", "low-contrast"} {
			column := fmt.Sprintf("%g Hz %s", rate, scene)
			columns = append(columns, column)
			for seed := range seeds {
				recordings[column] = append(recordings[column], record(t, scene, rate, 100+seed, 900*time.Millisecond))
			}
		}
	}
	var auc, roc table
	for _, s := range scorers {
		for _, column := range columns {
			var areas, at1, at5, at20 []float64
			for _, l := range recordings[column] {
				scorer, err := filter.NewScorer(s.config, 128, 128)
				if err != nil {
					t.Fatal(err)
				}
				c := newCurve(scorer.Score(l.events, nil), l)
				areas, at1 = append(areas, c.auc()), append(at1, c.kept(.01))
				at5, at20 = append(at5, c.kept(.05)), append(at20, c.kept(.2))
			}
			auc.add(s.name, "%.3f", median(areas))
			roc.add(s.name, "%.0f / %.0f / %.0f", 100*median(at1), 100*median(at5), 100*median(at20))
			if column == "5 Hz three" && median(areas) < s.least {
				t.Errorf("%s: AUC %.3f, want at least %.3f", s.name, median(areas), s.least)
			}
		}
	}
	t.Logf("AUC\n%s", auc.markdown(columns))
	t.Logf("signal kept where 1, 5 and 20 %% of the noise are kept, %%\n%s", roc.markdown(columns))

	var fixed table
	for _, p := range points {
		for _, column := range columns {
			var signal, noise []float64
			for _, l := range recordings[column] {
				passed := passes(t, p.configs, l)
				signal = append(signal, share(passed, l.signal))
				noise = append(noise, share(passed, l.noise))
			}
			fixed.add(p.name, "%.1f / %.1f", 100*median(signal), 100*median(noise))
		}
	}
	t.Logf("kept of signal / noise, %%\n%s", fixed.markdown(columns))
}

// TestFlickerTable evaluates the filters that judge pixels and not events: a
// lamp of 100 Hz and 15 hot pixels behind a moving disk.
func TestFlickerTable(t *testing.T) {
	t.Parallel()
	seeds, _ := evaluation()
	groups := []struct {
		name string
		has  func(cause int32) bool
	}{
		{"disk", func(c int32) bool { return c > simulator.Background }},
		{"lamp", func(c int32) bool { return c == simulator.Background }},
		{"hot pixels", func(c int32) bool { return c == simulator.Hot }},
		{"shot and leak", func(c int32) bool { return c == simulator.Shot || c == simulator.Leak }},
	}
	shares := make([][][]float64, len(points)) // by point, group and seed
	for i := range shares {
		shares[i] = make([][]float64, len(groups))
	}
	for seed := range seeds {
		l := record(t, "flicker", 5, 100+seed, 2*time.Second)
		for i, p := range points {
			passed := passes(t, p.configs, l)
			for j, g := range groups {
				in := make([]bool, len(l.causes))
				for k, cause := range l.causes {
					in[k] = g.has(cause)
				}
				shares[i][j] = append(shares[i][j], share(passed, in))
			}
		}
	}
	var columns []string
	for _, g := range groups {
		columns = append(columns, g.name)
	}
	var kept table
	for i, p := range points {
		for j := range groups {
			kept.add(p.name, "%.1f", 100*median(shares[i][j]))
		}
		disk, lamp, hot := median(shares[i][0]), median(shares[i][1]), median(shares[i][2])
		if p.name == "hot_pixel" && (hot > .15 || disk < .95) || p.name == "anti_flicker" && (lamp > .25 || disk < .95) {
			t.Errorf("%s keeps %.3f of the disk, %.3f of the lamp, %.3f of the hot pixels", p.name, disk, lamp, hot)
		}
	}
	t.Logf("kept, %%\n%s", kept.markdown(columns))
}

// passes reports which events a chain keeps. They are handed over one by one,
// which changes nothing.
func passes(t *testing.T, configs []filter.Config, l labelled) []bool {
	t.Helper()
	chain, err := filter.New(configs, 128, 128)
	if err != nil {
		t.Fatal(err)
	}
	passed := make([]bool, len(l.events))
	one := make([]pipeline.Event, 1)
	for i, e := range l.events {
		one[0] = e
		passed[i] = len(chain.Filter(one)) == 1
	}
	return passed
}

package cluster

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// streamsOf are the streams of a status by their keys.
func streamsOf(s *Status) map[string]StreamStatus {
	all := map[string]StreamStatus{}
	for _, p := range s.Partitions {
		for _, l := range p.Streams {
			all[l.Key] = l
		}
	}
	return all
}

func TestAStatusTellsWhatWaitsAndWhoDoesWhat(t *testing.T) {
	const windows = 100
	h := newHall(t, 1, nil)
	keys := h.feedAll(2, windows)
	status := func(apart time.Duration) *Status {
		t.Helper()
		s, err := ReadStatus(t.Context(), h.js, h.cfg, apart)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := status(0)
	if s.Cluster != h.cfg.Name || len(s.Workers) != 0 || s.Input.Messages != s.LagPackets || s.Output.Messages != 0 || s.LagPackets == 0 {
		t.Errorf("before a worker: %+v", s)
	}
	packets := map[string]uint64{}
	for key, l := range streamsOf(s) {
		if l.Pipeline != "" || l.Run != "" || l.Ended || l.LagPackets < windows/5 {
			t.Errorf("%s before a worker: %+v", key, l)
		}
		packets[key] = l.LagPackets
	}
	for _, p := range s.Partitions {
		if p.Owner != "" || p.CommittedMS != 0 {
			t.Errorf("partition %d before a worker: %+v", p.Partition, p)
		}
	}

	w := h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
	h.ended(20*time.Second, "chain", keys...)
	h.until("nothing waits", 20*time.Second, func() bool { return status(0).LagPackets == 0 })
	s = status(time.Millisecond)
	all := streamsOf(s)
	if len(all) != 2 || s.LagPackets != 0 || s.ItemsPerS != 0 || s.PacketsPerS != 0 {
		t.Errorf("at the end: %+v", s)
	}
	for i, key := range keys {
		l := all[key]
		want := uint64(len(alone(t, chain(key, nil), &chainSource{seed: uint64(i), windows: windows})))
		if l.Pipeline != "chain" || !l.Ended || l.LagPackets != 0 || l.LagS != 0 || l.Packets != packets[key] || l.Detections != want ||
			l.TimeUS != windows*1000 || l.Items == 0 || l.Run == "" || l.Model == "" {
			t.Errorf("%s at the end: %+v, want %d packets and %d detections", key, l, packets[key], want)
		}
	}
	if len(s.Workers) != 1 || s.Workers[0].Host != "test" || s.Workers[0].Since.IsZero() {
		t.Fatalf("workers %+v", s.Workers)
	}
	for _, p := range s.Partitions {
		if p.Owner != s.Workers[0].ID || !slices.Contains(s.Workers[0].Partitions, p.Partition) || p.CommittedMS == 0 || p.Position == 0 {
			t.Errorf("partition %d of worker %+v: %+v", p.Partition, s.Workers[0], p)
		}
	}
	w.leave()
	h.until("the worker's lease is gone", 20*time.Second, func() bool { return len(status(0).Workers) == 0 })
}

func TestAClusterThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, nil)
	other := h.cfg
	other.Name = "other"
	if _, err := ReadStatus(t.Context(), h.js, other, time.Hour); err == nil || !strings.Contains(err.Error(), `stream "`+other.inputStream()+`"`) {
		t.Errorf("error %v", err)
	}
	p := &Pipeline{Pipeline: chain("chain", nil), Config: other}
	o := Options{Conn: h.nc, Log: h.log, Now: time.Now, Host: "test"}
	if _, err := NewWorker(t.Context(), o, []*Pipeline{p}); err == nil || !strings.Contains(err.Error(), `stream "`+other.inputStream()+`"`) {
		t.Errorf("error %v", err)
	}
	if _, err := NewWorker(t.Context(), o, nil); err == nil || err.Error() != "cluster: no pipeline" {
		t.Errorf("error %v", err)
	}
	second := &Pipeline{Pipeline: chain("second", nil), Config: h.cfg}
	if _, err := NewWorker(t.Context(), o, []*Pipeline{p, second}); err == nil || !strings.Contains(err.Error(),
		"differ in more than streams") {
		t.Errorf("error %v", err)
	}
	for key, want := range map[string]string{"s1": `stream "s1": stream "` + other.inputStream() + `"`, "s.1": `stream key "s.1": want letters`} {
		f := Feed{Config: other, Key: key, Source: &chainSource{windows: 1}, Conn: h.nc, Log: h.log, Now: time.Now}
		if _, err := f.Run(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// How far a stream is behind is counted within its run; a run that has not begun yet
// is all behind.
func TestLagIsCountedWithinARun(t *testing.T) {
	for _, c := range []struct {
		name string
		head head
		lag  uint64
		s    float64
	}{
		{"nothing is known", head{}, 0, 0},
		{"another run", head{run: "b", number: 7}, 8, 0},
		{"the packet that comes next", head{run: "a", number: 10, timeUS: 3_500_000}, 1, 1.5},
		{"all is done", head{run: "a", number: 9, timeUS: 2_000_000}, 0, 0},
	} {
		l := StreamStatus{run: "a", packet: 10, TimeUS: 2_000_000}
		if l.behind(c.head); l.LagPackets != c.lag || l.LagS != c.s {
			t.Errorf("%s: %d packets, %g s", c.name, l.LagPackets, l.LagS)
		}
	}
}

package cmd

import (
	"strings"
	"testing"
	"time"

	"ganglion/cmd/scaleout"
	"ganglion/pipeline/cluster"
)

// The status tells streams that nobody will take from those that nobody has taken yet,
// and commits of a worker whose clock is ahead from none.
func TestTheStatusTellsWhatBecomesOfAStream(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	s := &cluster.Status{Partitions: []cluster.PartitionStatus{
		{Streams: []cluster.StreamStatus{{Key: "cam-1"}, {Key: "odd"}}},
		{CommittedMS: 1_005_000, Streams: []cluster.StreamStatus{{Key: "cam-2", Pipeline: "hall"}}},
		{CommittedMS: 998_000, Streams: []cluster.StreamStatus{{Key: "cam-3", Pipeline: "hall", Ended: true}}},
	}}
	var b strings.Builder
	if err := scaleout.WriteStatus(&b, s, now, func(key string) bool { return key != "odd" }); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"never", "not taken yet", "no pipeline takes it", " 0s ago", " 2s ago"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
}

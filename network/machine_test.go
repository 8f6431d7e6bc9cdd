package network

import (
	"testing"
	"time"
)

// TestEveryShardWorksOnceARound mixes patient and sleeping rounds, with workers
// and a caller that are late in turn.
func TestEveryShardWorksOnceARound(t *testing.T) {
	t.Parallel()
	const shards = 4
	var rounds [shards]int
	late := -1 // who is slow in this round
	w := startWorkers(shards-1, func(shard int) {
		if shard == late {
			time.Sleep(200 * time.Microsecond)
		}
		rounds[shard]++
	})
	most := 2000
	if testing.Short() {
		most = 400
	}
	for round := range most {
		switch round % 40 {
		case 0:
			w.patience = 0
		case 10:
			w.patience = 1
		case 20:
			w.patience = looks
		case 30:
			time.Sleep(50 * time.Microsecond) // the workers fall asleep
		}
		late = -1
		if round%10 == 7 {
			late = round / 10 % shards
		}
		w.run()
		for s, n := range rounds {
			if n != round+1 {
				t.Fatalf("shard %d has worked %d times in %d rounds", s, n, round+1)
			}
		}
	}
	w.stop() // while they look
	w.stop()
}

// TestLoopsArePatientWhereEveryShardHasAProcessor looks at the choice alone.
func TestLoopsArePatientWhereEveryShardHasAProcessor(t *testing.T) {
	t.Parallel()
	w := startWorkers(maxShards-1, func(int) {})
	defer w.stop()
	if w.loop(true); w.patience != 0 {
		t.Errorf("%d shards are patient on few processors", maxShards)
	}
	few := startWorkers(0, func(int) {})
	defer few.stop()
	if few.loop(true); few.patience != looks {
		t.Error("a loop is not patient")
	}
	if few.loop(false); few.patience != 0 {
		t.Error("a window is patient")
	}
}

package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

const (
	latencyName = "ganglion.batch.latency"
	latencyDoc  = "Time from the end of a batch's read until its last detection is written or dropped."
)

// latencyBounds are the bounds of the histogram's buckets.
var latencyBounds = []time.Duration{
	100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond,
	10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second,
}

// Produce reads all watched runs for one collection. All series of a run come
// from one summary, so the accounts of a scrape add up. It implements the
// Producer of the OpenTelemetry SDK.
func (t *Telemetry) Produce(context.Context) ([]metricdata.ScopeMetrics, error) {
	p := producer{ints: make([][]metricdata.DataPoint[int64], len(definitions)), now: time.Now()}
	p.floats = make([][]metricdata.DataPoint[float64], len(definitions))
	t.mu.Lock()
	for _, r := range t.watched {
		if !r.Started().IsZero() {
			p.read(r)
		}
	}
	t.mu.Unlock()
	return []metricdata.ScopeMetrics{{Scope: instrumentation.Scope{Name: scope}, Metrics: p.metrics()}}, nil
}

// producer collects the points of each definition.
type producer struct {
	now     time.Time
	ints    [][]metricdata.DataPoint[int64]
	floats  [][]metricdata.DataPoint[float64] // of definitions in seconds, and of shares
	latency []metricdata.HistogramDataPoint[float64]
}

func (p *producer) read(r Watched) {
	s, start := r.Summary(), p.began(r.Started())
	stream := attribute.String("stream", r.Name())
	for i, d := range definitions {
		d.read(&s, func(v float64, pairs ...string) {
			attrs := []attribute.KeyValue{stream}
			for j := 0; j < len(pairs); j += 2 {
				attrs = append(attrs, attribute.String(pairs[j], pairs[j+1]))
			}
			set := attribute.NewSet(attrs...)
			if d.unit == "s" || d.unit == "1" {
				p.floats[i] = append(p.floats[i], metricdata.DataPoint[float64]{Attributes: set, StartTime: start, Time: p.now, Value: v})
			} else {
				p.ints[i] = append(p.ints[i], metricdata.DataPoint[int64]{Attributes: set, StartTime: start, Time: p.now, Value: int64(v)})
			}
		})
	}
	p.latency = append(p.latency, latencyPoint(r, stream, start, p.now))
}

// began is when a run began, by the clock as it is now where that has been set back
// behind it: a series that begins in the future is refused.
func (p *producer) began(start time.Time) time.Time {
	if p.now.Round(0).Before(start.Round(0)) {
		return p.now.Add(-max(0, p.now.Sub(start))) // what passed since then is measured apart from the wall clock
	}
	return start
}

// latencyPoint turns the runner's cumulative counts into one per bucket.
func latencyPoint(r Watched, stream attribute.KeyValue, start, now time.Time) metricdata.HistogramDataPoint[float64] {
	counts, total, sum := r.Latencies(latencyBounds)
	h := metricdata.HistogramDataPoint[float64]{
		Attributes: attribute.NewSet(stream), StartTime: start, Time: now, Count: total, Sum: sum.Seconds(),
	}
	var below uint64
	for i, n := range append(counts, total) {
		if i < len(latencyBounds) {
			h.Bounds = append(h.Bounds, latencyBounds[i].Seconds())
		}
		h.BucketCounts = append(h.BucketCounts, n-below)
		below = n
	}
	return h
}

func (p *producer) metrics() []metricdata.Metrics {
	var list []metricdata.Metrics
	for i, d := range definitions {
		m := metricdata.Metrics{Name: d.name, Description: d.doc, Unit: d.unit}
		switch monotonic := d.kind == counter; {
		case len(p.floats[i]) > 0:
			m.Data = metricdata.Sum[float64]{DataPoints: p.floats[i], Temporality: metricdata.CumulativeTemporality, IsMonotonic: monotonic}
		case len(p.ints[i]) > 0:
			m.Data = metricdata.Sum[int64]{DataPoints: p.ints[i], Temporality: metricdata.CumulativeTemporality, IsMonotonic: monotonic}
		default:
			continue
		}
		list = append(list, m)
	}
	if len(p.latency) > 0 {
		list = append(list, metricdata.Metrics{
			Name: latencyName, Description: latencyDoc, Unit: "s",
			Data: metricdata.Histogram[float64]{DataPoints: p.latency, Temporality: metricdata.CumulativeTemporality},
		})
	}
	return list
}

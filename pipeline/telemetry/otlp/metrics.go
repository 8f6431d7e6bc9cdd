package otlp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
)

// Metrics exports sums and histograms, as counts since their start; a metric of
// another kind is an error of the export, which sends the rest.
type Metrics struct{ client *client }

// NewMetrics returns an exporter to the collector's url, which ends with
// /v1/metrics as a rule. Nothing is sent before the first export.
func NewMetrics(url string) (*Metrics, error) {
	c, err := newClient(url, "METRICS")
	if err != nil {
		return nil, err
	}
	return &Metrics{c}, nil
}

// Temporality implements [sdkmetric.Exporter]: all counts are since the start.
func (m *Metrics) Temporality(sdkmetric.InstrumentKind) metricdata.Temporality {
	return metricdata.CumulativeTemporality
}

// Aggregation implements [sdkmetric.Exporter].
func (m *Metrics) Aggregation(k sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(k)
}

// Export implements [sdkmetric.Exporter].
func (m *Metrics) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	message, err := resourceMetrics(rm)
	return errors.Join(err, m.client.export(ctx, &metricspb.MetricsData{ResourceMetrics: []*metricspb.ResourceMetrics{message}}))
}

// ForceFlush implements [sdkmetric.Exporter]: nothing waits.
func (m *Metrics) ForceFlush(context.Context) error { return nil }

// Shutdown implements [sdkmetric.Exporter].
func (m *Metrics) Shutdown(context.Context) error {
	m.client.close()
	return nil
}

func resourceMetrics(rm *metricdata.ResourceMetrics) (*metricspb.ResourceMetrics, error) {
	out := &metricspb.ResourceMetrics{
		Resource: &resourcepb.Resource{Attributes: attributes(*rm.Resource.Set())}, SchemaUrl: rm.Resource.SchemaURL(),
	}
	var errs []error
	for _, sm := range rm.ScopeMetrics {
		scope := &metricspb.ScopeMetrics{
			Scope: &commonpb.InstrumentationScope{
				Name: sm.Scope.Name, Version: sm.Scope.Version, Attributes: attributes(sm.Scope.Attributes),
			},
			SchemaUrl: sm.Scope.SchemaURL,
		}
		for _, m := range sm.Metrics {
			metric := &metricspb.Metric{Name: m.Name, Description: m.Description, Unit: m.Unit}
			switch d := m.Data.(type) {
			case metricdata.Sum[int64]:
				metric.Data = sum(d)
			case metricdata.Sum[float64]:
				metric.Data = sum(d)
			case metricdata.Histogram[float64]:
				metric.Data = histogram(d)
			default:
				errs = append(errs, fmt.Errorf("metric %s: %T is not exported", m.Name, d))
				continue
			}
			scope.Metrics = append(scope.Metrics, metric)
		}
		out.ScopeMetrics = append(out.ScopeMetrics, scope)
	}
	return out, errors.Join(errs...)
}

const cumulative = metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE

func sum[N int64 | float64](s metricdata.Sum[N]) *metricspb.Metric_Sum {
	out := &metricspb.Sum{AggregationTemporality: cumulative, IsMonotonic: s.IsMonotonic}
	for _, p := range s.DataPoints {
		point := &metricspb.NumberDataPoint{
			Attributes: attributes(p.Attributes), StartTimeUnixNano: nanoseconds(p.StartTime), TimeUnixNano: nanoseconds(p.Time),
		}
		switch v := any(p.Value).(type) {
		case int64:
			point.Value = &metricspb.NumberDataPoint_AsInt{AsInt: v}
		case float64:
			point.Value = &metricspb.NumberDataPoint_AsDouble{AsDouble: v}
		}
		out.DataPoints = append(out.DataPoints, point)
	}
	return &metricspb.Metric_Sum{Sum: out}
}

func histogram(h metricdata.Histogram[float64]) *metricspb.Metric_Histogram {
	out := &metricspb.Histogram{AggregationTemporality: cumulative}
	for _, p := range h.DataPoints {
		out.DataPoints = append(out.DataPoints, &metricspb.HistogramDataPoint{
			Attributes: attributes(p.Attributes), StartTimeUnixNano: nanoseconds(p.StartTime), TimeUnixNano: nanoseconds(p.Time),
			Count: p.Count, Sum: &p.Sum, BucketCounts: p.BucketCounts, ExplicitBounds: p.Bounds,
		})
	}
	return &metricspb.Metric_Histogram{Histogram: out}
}

// nanoseconds is a time since 1970, 0 for one before.
func nanoseconds(t time.Time) uint64 { return uint64(max(0, t.UnixNano())) }

func attributes(set attribute.Set) (list []*commonpb.KeyValue) {
	for _, kv := range set.ToSlice() {
		list = append(list, &commonpb.KeyValue{Key: string(kv.Key), Value: value(kv.Value)})
	}
	return list
}

// value keeps numbers and truth; all else, lists too, is its text.
func value(v attribute.Value) *commonpb.AnyValue {
	switch v.Type() {
	case attribute.BOOL:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: v.AsBool()}}
	case attribute.INT64:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: v.AsInt64()}}
	case attribute.FLOAT64:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: v.AsFloat64()}}
	}
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: v.String()}}
}

var _ sdkmetric.Exporter = (*Metrics)(nil)

package nir

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRecordedActivityReadsAsTextAndJSON(t *testing.T) {
	t.Parallel()
	d := &Data{Nodes: []DataNode{
		{Name: "lif", Observables: []Observable{
			{"spikes", &Events{Samples: 2, Slots: 2, Index: []int64{0, 1, 2, -1}, Time: []float64{.1, .2, .3, math.Inf(1)}, Neurons: 3, TMax: .5}},
			{"v", &TimeGrid{DT: 1e-3, Data: Float32([]int{1, 2, 3}, []float32{0, 1, 2, 0, 0, 3})}},
		}},
		{Name: "net", Graph: &Data{Nodes: []DataNode{{Name: "out",
			Observables: []Observable{{"values", &Events{Samples: 1, Slots: 1, Index: []int64{0}, Time: []float64{0}, Value: []float64{2},
				Neurons: 1, TMax: 1}}}}}}},
	}}
	r := DescribeData(d)
	want := `NIRData: 3 series

node     observable  type             samples  neurons  seconds  events
lif      spikes      EventData        2        3        0.5      3
lif      v           TimeGriddedData  1        3        0.002    3
net.out  values      ValuedEventData  1        1        1        1
`
	if diff := cmp.Diff(want, r.String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	wantJSON := `{"series":[{"node":"lif","observable":"spikes","type":"EventData","samples":2,"neurons":3,"seconds":0.5,"events":3},` +
		`{"node":"lif","observable":"v","type":"TimeGriddedData","samples":1,"neurons":3,"seconds":0.002,"events":3,"steps":2,"dt_s":0.001},` +
		`{"node":"net.out","observable":"values","type":"ValuedEventData","samples":1,"neurons":1,"seconds":1,"events":1,"valued":true}]}`
	if diff := cmp.Diff(wantJSON, string(b)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

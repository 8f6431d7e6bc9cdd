package aedat

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"testing"

	"ganglion/internal/compression"
	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
)

// sparseEvents are n events of which a packet takes ten.
func sparseEvents(n int) []pipeline.Event {
	events := formattest.Events(n)
	for i := range events {
		events[i].T = int64(i) * 1000
	}
	return events
}

// crashed is a recording without its table, as a killed recorder leaves it,
// and where each packet begins; the last entry is the end.
func crashed(t *testing.T, codec string, b *format.Block) (data []byte, packets []int) {
	data = kit.Encode(t, "aedat4", infoWith(codec), b)
	end := int(binary.LittleEndian.Uint64(data[aedat4Position:]))
	binary.LittleEndian.PutUint64(data[aedat4Position:], math.MaxUint64)
	at := len(aedat4Magic) + 4 + int(binary.LittleEndian.Uint32(data[len(aedat4Magic):]))
	for at < end {
		packets = append(packets, at)
		at += aedat4Head + int(binary.LittleEndian.Uint32(data[at+4:]))
	}
	return data[:end], append(packets, end)
}

func TestAKilledRecorderLosesOnlyItsLastPacket(t *testing.T) {
	t.Parallel()
	b := &format.Block{Events: sparseEvents(30)}
	for _, c := range []string{"NONE", "LZ4", "ZSTD"} {
		data, packets := crashed(t, c, b)
		whole := 0
		for n := packets[0]; n < len(data); n++ {
			got := kit.MustDecode(t, data[:n], "aedat4")
			if n == packets[whole+1] {
				whole++
			}
			if len(got.Events) != 10*whole || !slices.Equal(b.Events[:10*whole], got.Events) {
				t.Fatalf("%s, %d bytes with %d packets gave %d events", c, n, whole, len(got.Events))
			}
			if cut := n > packets[whole]; cut != (formattest.DamageCounts(got.Damage)["truncated"] == 1) {
				t.Fatalf("%s, %d bytes of a packet at %d: damage %v", c, n, packets[whole], got.Damage)
			}
		}
	}
}

func TestADamagedPacketLosesNoOther(t *testing.T) {
	t.Parallel()
	b := &format.Block{}
	for i := range 30 {
		b.Events = append(b.Events, pipeline.Event{T: int64(i/10+1) * 20_000, X: uint16(i), P: 1})
	}
	spared := append(append([]pipeline.Event{}, b.Events[:10]...), b.Events[20:]...)
	for _, codec := range []string{"NONE", "LZ4", "ZSTD"} {
		for name, change := range map[string]func(p []byte){
			"an unknown stream":    func(p []byte) { p[0] = 99 },
			"a negative length":    func(p []byte) { p[7] = 0x80 },
			"a length too large":   func(p []byte) { p[5]++ },
			"a length too small":   func(p []byte) { p[4] -= 5 },
			"damage at the front":  func(p []byte) { p[8] ^= 0xFF },
			"damage in the middle": func(p []byte) { p[24] ^= 0xFF },
		} {
			data, packets := crashed(t, codec, b)
			change(data[packets[1]:packets[2]])
			got := kit.MustDecode(t, data, "")
			if diff := cmp.Diff(spared, got.Events); diff != "" {
				t.Errorf("%s, %s: -want +got:\n%s", codec, name, diff)
			}
			if len(got.Damage) == 0 || got.Damage[0].Offset != int64(packets[1]) {
				t.Errorf("%s, %s: damage %v, want it at %d", codec, name, got.Damage, packets[1])
			} else if last := b.Events[9].T; got.Damage[0].FirstUS != last {
				t.Errorf("%s, %s: damage at %d µs, want the time of the event before it, %d", codec, name, got.Damage[0].FirstUS, last)
			}
		}
	}
}

func TestAWrongTablePositionIsNoEnd(t *testing.T) {
	t.Parallel()
	b := &format.Block{Events: sparseEvents(50)}
	data, packets := crashed(t, "LZ4", b)
	binary.LittleEndian.PutUint64(data[aedat4Position:], uint64(packets[2]))
	got := kit.MustDecode(t, data, "")
	if diff := cmp.Diff(b.Events, got.Events); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]uint64{"bad_file_table": 1}, formattest.DamageCounts(got.Damage)); diff != "" {
		t.Errorf("damage: -want +got:\n%s", diff)
	}
}

func TestOtherStreamsAreKeptOrCounted(t *testing.T) {
	t.Parallel()
	data, packets := crashed(t, "NONE", &format.Block{Events: formattest.Events(300)[:10]})
	packet := data[packets[0]:packets[1]]
	camera, other := bytes.Clone(packet), bytes.Clone(packet)
	camera[0] = 2
	copy(other[aedat4Head+8:], "POSE")
	got := kit.MustDecode(t, append(append(data, camera...), other...), "")
	if len(got.Events) != 10 || len(got.Damage) > 0 {
		t.Errorf("%d events, damage %v", len(got.Events), got.Damage)
	}
	want := []format.Side{{
		Kind: format.Special, T: got.Events[9].T, Code: binary.LittleEndian.Uint32([]byte("POSE")), Before: 10, Data: other[aedat4Head+4:],
	}}
	if diff := cmp.Diff(want, got.Side); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAEDAT4EventsOutsideTheSensorAreDeliveredAndCounted(t *testing.T) {
	t.Parallel()
	want := []pipeline.Event{{T: 1, X: 1, P: 1}, {T: 2, X: 240, P: 1}, {T: 3, Y: 180}, {T: 4, X: 239, Y: 179, P: 1}}
	got := kit.MustDecode(t, kit.Encode(t, "aedat4", formattest.Info, &format.Block{Events: want}), "")
	if diff := cmp.Diff(want, got.Events); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]uint64{"out_of_range_x": 1, "out_of_range_y": 1}, formattest.DamageCounts(got.Damage)); diff != "" {
		t.Errorf("damage: -want +got:\n%s", diff)
	}
}

func TestAnElementOutsideItsPacketIsDamage(t *testing.T) {
	t.Parallel()
	var side []format.Side
	for i := range int64(3) {
		side = append(side, format.Side{Kind: format.IMUSample, T: i, IMU: &format.IMU{}})
	}
	data, packets := crashed(t, "NONE", &format.Block{Side: side})
	binary.LittleEndian.PutUint32(data[packets[0]+aedat4Head+36:], 1<<20) // where the second one is
	got := kit.MustDecode(t, data, "")
	if len(got.Side) != 1 || formattest.DamageCounts(got.Damage)["bad_packet"] != 1 {
		t.Errorf("%d samples, damage %v", len(got.Side), got.Damage)
	}
}

func TestAPacketThatClaimsMuchTakesLittleMemory(t *testing.T) {
	t.Parallel()
	var e compression.Encoder
	zeros := make([]byte, 32<<20)
	for _, c := range []int{1, 3} {
		data := appendAEDAT4Header([]byte(aedat4Magic), c, appendAEDAT4Info(nil, formattest.Info, aedat4Codecs[c].name))
		frame := e.Append(nil, zeros, aedat4Codecs[c].codec)
		data = appendU32(data, 0, uint32(len(frame)))
		data = append(data, frame...)
		if err := formattest.ReadBounded(kit, data, "aedat4"); err != nil {
			t.Errorf("%s: %v", aedat4Codecs[c].name, err)
		}
		if got := fmt.Sprint(formattest.DamageCounts(kit.MustDecode(t, data, "").Damage)); got != "map[bad_packet:1]" {
			t.Errorf("%s: damage %s", aedat4Codecs[c].name, got)
		}
	}
}

package packet_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/packet"
)

var camera = pipeline.StreamInfo{Modality: pipeline.EventStream, Format: "evt3", Width: 1280, Height: 720, Content: "abc", SizeBytes: 12}

var microphone = pipeline.StreamInfo{Modality: pipeline.AudioStream, Format: "wav", SampleRate: 16000, Channels: 2, Live: true, Dated: true,
	UnixUS: -5}

// events makes n events: rows that are read out at once, and noise.
func events(r *rand.Rand, n int) (b pipeline.Batch) {
	t := int64(-1000)
	b.Start = t
	for len(b.Events) < n {
		t += r.Int64N(40)
		e := pipeline.Event{T: t, X: uint16(r.IntN(1280)), Y: uint16(r.IntN(720)), P: uint8(r.IntN(2))}
		b.Events = append(b.Events, e)
		for k := r.IntN(2) * r.IntN(40); k > 0 && len(b.Events) < n; k-- {
			e.X += uint16(1 + r.IntN(2)*r.IntN(9))
			b.Events = append(b.Events, e)
		}
	}
	b.End = t + 1
	return b
}

// turning makes n events of a camera with a gyroscope.
func turning(r *rand.Rand, n int) pipeline.Batch {
	b := events(r, n)
	for at := b.Start; at < b.Start+50_000; at += r.Int64N(2000) {
		b.Gyro = append(b.Gyro, pipeline.AngularRate{T: at - r.Int64N(9000), At: at,
			X: r.Float32(), Y: -r.Float32(), Z: float32(math.Copysign(0, -1))})
	}
	return b
}

// sound makes frames of two channels whose samples are multiples of 1/scale, or
// any floats where scale is 0.
func sound(r *rand.Rand, frames int, scale float32) (b pipeline.Batch) {
	b.Window, b.FrameIndex = pipeline.Window{Start: 20_000, End: 20_000 + int64(frames)*125/2}, 320
	for range 2 * frames {
		v := float32(math.Sin(r.Float64()))*2 - 1
		if scale > 0 {
			v = float32(int32(v*scale)) / scale
		}
		b.PCM = append(b.PCM, v)
	}
	return b
}

func encode(t testing.TB, p packet.Packet) []byte {
	t.Helper()
	b, err := new(packet.Encoder).Append([]byte("before"), &p)
	if err != nil {
		t.Fatal(err)
	}
	return b[len("before"):]
}

func packets() []packet.Packet {
	r := rand.New(rand.NewPCG(7, 7))
	return []packet.Packet{
		{Run: "r", Number: 3, Info: camera, Batch: events(r, 5000)},
		{Run: "r", Number: 4, Info: camera, Batch: events(r, 1)},
		{Run: "r", Number: 5, Info: camera, End: true, Batch: pipeline.Batch{Window: pipeline.Window{Start: 9, End: 9}}},
		{Run: "r", Number: 6, Info: camera, Batch: turning(r, 500)},
		{Run: "r", Number: 7, Info: camera, Batch: turning(r, 0)},
		{Info: microphone, Batch: sound(r, 1600, 1<<15)},
		{Info: microphone, Batch: sound(r, 1600, 1<<23)},
		{Info: microphone, Batch: sound(r, 1600, 0)},
		{Info: microphone, Batch: pipeline.Batch{FrameIndex: 1, PCM: []float32{-1, float32(math.Copysign(0, -1)), 1, float32(math.Inf(1))}}},
		{Info: microphone, Batch: pipeline.Batch{FrameIndex: 1, PCM: []float32{-1, 32767. / 32768, -1, 32767. / 32768, -1, 0}}},
	}
}

func TestWhatIsEncodedIsDecodedToTheBit(t *testing.T) {
	t.Parallel()
	var d packet.Decoder
	var got packet.Packet
	for _, want := range packets() {
		b := encode(t, want)
		if again := encode(t, want); string(b) != string(again) {
			t.Error("the same packet gives other bytes")
		}
		if err := d.Decode(b, &got); err != nil {
			t.Fatal(err)
		}
		bits := cmp.Transformer("bits", func(v []float32) (bits []uint32) {
			for _, f := range v {
				bits = append(bits, math.Float32bits(f))
			}
			return bits
		})
		empty := cmp.FilterValues(func(a, b []pipeline.Event) bool { return len(a)+len(b) == 0 }, cmp.Ignore())
		if want.Info.Modality == pipeline.EventStream {
			got.Batch.PCM, got.Batch.FrameIndex = nil, 0
		}
		still := cmp.FilterValues(func(a, b []pipeline.AngularRate) bool { return len(a)+len(b) == 0 }, cmp.Ignore())
		if diff := cmp.Diff(want, got, bits, empty, still); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAPacketCutAnywhereOrDamagedIsAnError(t *testing.T) {
	t.Parallel()
	var d packet.Decoder
	var p packet.Packet
	for _, want := range packets()[1:5] {
		b := encode(t, want)
		for n := range b {
			if err := d.Decode(b[:n], &p); err == nil {
				t.Fatalf("%d of %d bytes are a packet", n, len(b))
			}
			b[n] ^= 0x10
			if err := d.Decode(b, &p); err == nil {
				t.Fatalf("damage of byte %d is not noticed", n)
			}
			b[n] ^= 0x10
		}
	}
}

func TestTooLargePacketsAndOtherVersionsAreRefused(t *testing.T) {
	t.Parallel()
	many := pipeline.Batch{Events: make([]pipeline.Event, packet.MaxEvents+1)}
	_, err := new(packet.Encoder).Append(nil, &packet.Packet{Info: camera, Batch: many})
	if err == nil || !strings.Contains(err.Error(), "262145 events") {
		t.Errorf("too many events: %v", err)
	}
	b := encode(t, packets()[1])
	b[2] = 9
	if err := new(packet.Decoder).Decode(b, new(packet.Packet)); err == nil || !strings.Contains(err.Error(), "version 9") {
		t.Errorf("another version: %v", err)
	}
}

func TestTheSteadyStateAllocatesNothing(t *testing.T) {
	var e packet.Encoder
	var d packet.Decoder
	var p packet.Packet
	var b []byte
	for _, in := range packets() {
		n := testing.AllocsPerRun(20, func() {
			var err error
			if b, err = e.Append(b[:0], &in); err != nil {
				t.Fatal(err)
			}
			if err = d.Decode(b, &p); err != nil {
				t.Fatal(err)
			}
		})
		if n > 0 {
			t.Errorf("%v allocations", n)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, p := range packets() {
		if len(p.Batch.Events)+len(p.Batch.PCM) < 4000 {
			b := encode(f, p)
			f.Add(b[:len(b)-4])
		}
	}
	var d packet.Decoder
	var e packet.Encoder
	var p, again packet.Packet
	f.Fuzz(func(t *testing.T, body []byte) {
		b := seal(body) // else every input fails at its checksum
		if d.Decode(b, &p) != nil {
			return
		}
		if len(p.Batch.Events) > packet.MaxEvents || len(p.Batch.PCM) > packet.MaxSamples {
			t.Fatal("more than the limits allow")
		}
		if b, err := e.Append(nil, &p); err != nil || d.Decode(b, &again) != nil || len(again.Batch.Events) != len(p.Batch.Events) {
			t.Fatalf("what was decoded is not encoded again: %v", err)
		}
		if d := cmp.Diff(p.Batch.Events, again.Batch.Events); d != "" {
			t.Fatal(d)
		}
		if len(again.Batch.Gyro) != len(p.Batch.Gyro) {
			t.Fatalf("%d samples of a gyroscope are %d", len(p.Batch.Gyro), len(again.Batch.Gyro))
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	in := packet.Packet{Run: "r", Info: camera, Batch: events(rand.New(rand.NewPCG(1, 1)), 50_000)}
	var e packet.Encoder
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		out, _ = e.Append(out[:0], &in)
	}
	b.ReportMetric(50_000*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mevents/s")
}

func BenchmarkDecode(b *testing.B) {
	in := encode(b, packet.Packet{Run: "r", Info: camera, Batch: events(rand.New(rand.NewPCG(1, 1)), 50_000)})
	var d packet.Decoder
	var p packet.Packet
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Decode(in, &p); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(50_000*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mevents/s")
}

package recording

import (
	"bytes"
	"encoding/binary"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

// ticks are n events, one each 100 µs from a time on.
func ticks(from int64, n int) (events []pipeline.Event) {
	for i := range n {
		events = append(events, pipeline.Event{T: from + 100*int64(i), X: uint16(i % 64), Y: uint16(i / 64 % 48), P: uint8(i % 2)})
	}
	return events
}

func joined(parts ...[]pipeline.Event) (all []pipeline.Event) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

var clockInfo = format.Info{Width: 64, Height: 48}

func TestTimesAscendWhereTheClockSteps(t *testing.T) {
	t.Parallel()
	const hour, pause = 3_600_000_000, clockJitter + 1
	for _, c := range []struct {
		name   string
		events []pipeline.Event
		want   []int64 // where spans of ticks begin
		counts []int
		damage map[string]uint64
	}{
		{"plain", ticks(0, 3000), []int64{0}, []int{3000}, nil},
		{"left over from before", joined(ticks(hour, 3), ticks(0, 3000)), []int64{hour, hour + 200 + pause}, []int{3, 3000},
			map[string]uint64{"clock_step": 1}},
		{"set to zero", joined(ticks(5_000_000, 1000), ticks(0, 3000)), []int64{5_000_000, 5_099_900 + pause}, []int{1000, 3000},
			map[string]uint64{"clock_step": 1}},
		{"one damaged stamp", joined(ticks(0, 1000), ticks(104*24*hour, 1), ticks(100_000, 3000)), []int64{0, 100_000}, []int{1000, 3000},
			map[string]uint64{"time_outlier": 1}},
		{"a damaged one back", joined(ticks(hour, 1000), ticks(7, 1), ticks(hour+100_000, 3000)), []int64{hour, hour + 100_000},
			[]int{1000, 3000}, map[string]uint64{"time_outlier": 1}},
		{"a damaged packet", joined(ticks(0, 1000), ticks(9*hour, 90), ticks(100_000, 3000)), []int64{0, 100_000}, []int{1000, 3000},
			map[string]uint64{"time_outlier": 90}},
		{"a gap of 60 minutes", joined(ticks(0, 1000), ticks(hour, 3000)), []int64{0, hour}, []int{1000, 3000}, nil},
		{"60 minutes ahead and back", joined(ticks(0, 1000), ticks(hour, 3000), ticks(110_000, 500)), []int64{0, hour, hour + 299_900 + pause},
			[]int{1000, 3000, 500}, map[string]uint64{"clock_step": 1}},
		{"twice set to zero", joined(ticks(0, 1000), ticks(0, 1000), ticks(0, 1000)), []int64{0, 99_900 + pause, 2 * (99_900 + pause)},
			[]int{1000, 1000, 1000}, map[string]uint64{"clock_step": 2}},
		{"a stamp at the end", joined(ticks(0, 1000), ticks(30*hour, 1)), []int64{0}, []int{1000}, map[string]uint64{"time_outlier": 1}},
		{"1 µs back is disorder", joined(ticks(0, 1000), ticks(99_899, 1), ticks(100_000, 3000)), []int64{0, 99_899, 100_000},
			[]int{1000, 1, 3000}, nil},
		{"10 ms back is disorder too", joined(ticks(0, 1000), ticks(89_900, 3000)), []int64{0, 89_900}, []int{1000, 3000}, nil},
		{"1 µs more is an outlier", joined(ticks(0, 1000), ticks(89_899, 3000)), []int64{0, 89_999}, []int{1000, 2999},
			map[string]uint64{"time_outlier": 1}},
		{"outliers end where time returns within 10 ms", joined(ticks(0, 1000), ticks(9*hour, 5), ticks(89_900, 3000)), []int64{0, 89_900},
			[]int{1000, 3000}, map[string]uint64{"time_outlier": 5}},
		{"or continues within 1 s", joined(ticks(0, 1000), ticks(9*hour, 5), ticks(1_099_900, 3000)), []int64{0, 1_099_900},
			[]int{1000, 3000}, map[string]uint64{"time_outlier": 5}},
		{"1 µs later they are a span", joined(ticks(0, 1000), ticks(9*hour, 5), ticks(1_099_901, 3000)),
			[]int64{0, 9 * hour, 9*hour + 400 + pause}, []int{1000, 5, 3000}, map[string]uint64{"clock_step": 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var want []pipeline.Event
			for i, n := range c.counts {
				want = append(want, ticks(c.want[i], n)...)
			}
			data := encode(t, "aedat4", clockInfo, &format.Block{Events: c.events})
			for _, block := range []int{64, 777, 100_000} {
				got, err := decode(bytes.NewReader(data), Options{Ascending: true}, block)
				if err != nil {
					t.Fatal(err)
				}
				for i := range want {
					if i < len(got.Events) {
						want[i].X, want[i].Y, want[i].P = got.Events[i].X, got.Events[i].Y, got.Events[i].P
					}
				}
				if diff := formattest.DiffEvents(want, got.Events); diff != "" {
					t.Errorf("blocks of %d: -want +got:\n%s", block, diff)
				}
				counts := formattest.DamageCounts(got.Damage)
				if len(counts) != len(c.damage) || counts["clock_step"] != c.damage["clock_step"] ||
					counts["time_outlier"] != c.damage["time_outlier"] {
					t.Errorf("blocks of %d: damage %v, want %v", block, got.Damage, c.damage)
				}
			}
		})
	}
}

// What is read ascending, with outliers kept, gives the file's times again.
func TestTheTimesOfTheFileCanBeHadAgain(t *testing.T) {
	t.Parallel()
	events := joined(ticks(3_600_000_000, 3), ticks(0, 3000), ticks(500, 2000), ticks(70_000_000, 100))
	r, err := NewReader(bytes.NewReader(encode(t, "aedat4", clockInfo, &format.Block{Events: events})), "a",
		Options{Ascending: true, Outliers: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []pipeline.Event
	for b := format.NewBlock(100); r.Read(b) == nil; {
		r.Restore(b)
		got = append(got, b.Events...)
	}
	if diff := formattest.DiffEvents(events, got); diff != "" {
		t.Errorf("-file +read:\n%s", diff)
	}
	if s := r.Steps(); len(s) != 2 || s[0].From != 3_600_000_200 || s[0].To != 0 || s[1].From != 299_900 || s[1].To != 500 {
		t.Errorf("steps %+v", s)
	}
}

// A reset that AEDAT 3.1 announces is obeyed at once, however small it is, and
// is not damage.
func TestAnAnnouncedResetIsObeyed(t *testing.T) {
	t.Parallel()
	data := []byte("#!AER-DAT3.1\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n")
	packet := func(kind uint32, records ...[2]uint32) {
		n := uint32(len(records))
		for _, v := range []uint32{kind | 1<<16, 8, 4, 0, n, n, n} {
			data = binary.LittleEndian.AppendUint32(data, v)
		}
		for _, r := range records {
			data = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(data, r[0]), r[1])
		}
	}
	packet(1, [2]uint32{1, 500_000}, [2]uint32{1, 500_010})
	packet(0, [2]uint32{1 | 1<<1, 0})
	packet(1, [2]uint32{1, 3})
	got, err := decode(bytes.NewReader(data), Options{Ascending: true}, 64)
	if err != nil || len(got.Damage) > 0 || len(got.Events) != 3 || got.Events[2].T != 500_010+clockJitter+1 {
		t.Errorf("%v, %+v", err, got)
	}
}

func TestAStartAfterAStepIsThatOfAFullReading(t *testing.T) {
	t.Parallel()
	events := joined(ticks(5_000_000, 3), ticks(0, 20_000), ticks(0, 20_000))
	for _, name := range []string{"a.aedat4", "a.raw", "a.dat"} {
		c := config(write(t, name, clockInfo, events))
		c.FromZero = true
		whole := playPart(t, c)
		if len(whole) != len(events) {
			t.Fatalf("%s: %d events of %d", name, len(whole), len(events))
		}
		for range 2 { // without an index, and with one
			c.Start = 2_500_000_000
			var want []pipeline.Event
			for _, e := range whole {
				if e.T >= c.Start.Microseconds() {
					want = append(want, e)
				}
			}
			if diff := formattest.DiffEvents(want, playPart(t, c)); diff != "" || len(want) == 0 {
				t.Errorf("%s: -full +late:\n%s", name, diff)
			}
		}
	}
}

// Events are plain until one is earlier than the one before it, by 1 µs already,
// or far behind it in time; whoever sees them plain looks at no order himself.
func TestAStepBackByOneMicrosecondIsNotPlain(t *testing.T) {
	t.Parallel()
	for _, shift := range []int64{0, 5} {
		for _, sums := range []*counts{nil, {}} {
			for name, c := range map[string]struct {
				times []int64
				plain int
			}{
				"equal times":        {[]int64{10, 10, 10}, 3},
				"1 µs back":          {[]int64{10, 11, 10, 12}, 2},
				"1 µs back at first": {[]int64{9, 10}, 0},
				"a leap":             {[]int64{10, 10 + clockLeap}, 2},
				"1 µs further":       {[]int64{10, 11 + clockLeap}, 1},
			} {
				a := ascent{last: 10 + shift, shift: shift, sums: sums}
				events := make([]pipeline.Event, len(c.times))
				for i, v := range c.times {
					events[i].T = v
				}
				if n := a.run(events); n != c.plain {
					t.Errorf("%s, shift %d, sums %t: %d are plain, want %d", name, shift, sums != nil, n, c.plain)
				}
			}
		}
	}
}

package runner

import (
	"bytes"
	"testing"
)

func TestFiguresHaveThreeDigitsAndAPrefix(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0: "0 ", 1: "1.00 ", .999: "999 m", 1e-3: "1.00 m", 9.99: "9.99 ", 10: "10.0 ", 99.9: "99.9 ", 100: "100 ", 999: "999 ",
		1e3: "1.00 k", 12_345: "12.3 k", 1e6: "1.00 M", 1e9: "1.00 G", 1e12: "1.00 T", 4e15: "4000 T", 1e-6: "1.00 µ", 1e-9: "1.00 n",
		1e-12: "1.00 p", 1e-13: "0 ",
	} {
		if got := SI(v); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
	for v, want := range map[uint64]string{0: "0", 999: "999", 1000: "1,000", 12_345: "12,345", 123_456: "123,456", 1_234_567: "1,234,567"} {
		if got := count(v); got != want {
			t.Errorf("%d: %q, want %q", v, got, want)
		}
	}
}

func TestCheckpointsSayWhereTheyResumedAndHowManyThereAre(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what Checkpoints
		want string
	}{
		{Checkpoints{}, ""},
		{Checkpoints{Saved: 1234, Bytes: 5678}, "checkpoints\t1,234 saved, 0 failed, 5,678 B the last\n"},
		{Checkpoints{Failed: 1}, "checkpoints\t0 saved, 1 failed, 0 B the last\n"},
		{Checkpoints{Resumed: true, ResumedUS: 7000, NextSeq: 4321}, "resumed\tat 7000 µs with detection 4,321\n"},
	} {
		var b bytes.Buffer
		c.what.text(&b)
		if b.String() != c.want {
			t.Errorf("%+v: %q, want %q", c.what, b.String(), c.want)
		}
	}
}

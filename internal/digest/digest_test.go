package digest

import (
	"bytes"
	"testing"
)

func TestHeadTailAndSizeDecide(t *testing.T) {
	t.Parallel()
	of := func(b []byte) string {
		t.Helper()
		s, err := Of(bytes.NewReader(b), int64(len(b)))
		if err != nil || len(s) != 32 {
			t.Fatalf("%q, %v", s, err)
		}
		return s
	}
	long := bytes.Repeat([]byte("ganglion"), 40_000)
	base := of(long)
	if again := of(bytes.Clone(long)); again != base {
		t.Errorf("the same bytes give %s and %s", base, again)
	}
	for name, at := range map[string]int{"head": 0, "end of the head": sample - 1, "tail": len(long) - 1,
		"begin of the tail": len(long) - sample} {
		other := bytes.Clone(long)
		other[at] ^= 1
		if of(other) == base {
			t.Errorf("a change of the %s is not seen", name)
		}
	}
	if of(long[:len(long)-1]) == base || of(nil) == of([]byte{0}) {
		t.Error("the size does not count")
	}
	if _, err := Of(bytes.NewReader(long), int64(len(long))+1); err == nil {
		t.Error("a file that is shorter than it claims gives a digest")
	}
}

package audio

import (
	"bytes"
	"encoding/binary"
	"log"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestFLACIsReadBitForBit(t *testing.T) {
	t.Parallel()
	for _, channels := range []int{1, 2, 5} {
		x := tones(1000 * channels)
		got, l, damage, err := decodeAll(writeFLAC(t, 16000, channels, x), formatAuto)
		if err != nil || len(damage) > 0 || l != (layout{"flac", 16000, channels}) {
			t.Errorf("%d channels: %v, %v, %v", channels, err, damage, l)
		}
		if diff := cmp.Diff(asFloats(x), got); diff != "" {
			t.Errorf("%d channels: %s", channels, diff)
		}
	}
}

// frameStarts finds the frames that writeFLAC wrote.
func frameStarts(b []byte) (at []int) {
	for i := 0; i+1 < len(b); i++ {
		if b[i] == 0xff && b[i+1] == 0xf8 {
			if r := (&frameReader{in: newInput(bytes.NewReader(b[i:]))}); parsesAt(r) {
				at = append(at, i)
			}
		}
	}
	return at
}

func parsesAt(r *frameReader) bool {
	d := flacDecoder{}
	d.fr = *r
	_, err := d.parse()
	return err == nil
}

func TestABrokenFrameIsSilenceAndWhatFollowsKeepsItsTime(t *testing.T) {
	t.Parallel()
	x := tones(256 * 6)
	b := writeFLAC(t, 8000, 1, x)
	at := frameStarts(b)
	if len(at) != 6 {
		t.Fatalf("frames at %v", at)
	}
	want := asFloats(x)
	clear(want[2*256 : 3*256])
	flipped := bytes.Clone(b)
	flipped[at[2]+100] ^= 4
	missing := append(bytes.Clone(b[:at[2]]), b[at[3]-7:]...)
	for name, broken := range map[string][]byte{"a flipped bit": flipped, "a frame cut out": missing} {
		got, _, damage, err := decodeAll(broken, formatAuto)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %d samples, want %d", name, len(got), len(want))
		}
		if diff := cmp.Diff([]string{"lost_sync", "lost_samples"}, kinds(damage)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if damage[0].Offset != int64(at[2]) || damage[1].Count != 256 {
			t.Errorf("%s: %v", name, damage)
		}
	}
}

func TestFLACHeadersThatLie(t *testing.T) {
	t.Parallel()
	x := tones(700)
	b := writeFLAC(t, 8000, 1, x)
	sum := bytes.Clone(b)
	sum[4+4+18] ^= 1
	noInfo := bytes.Clone(b)
	noInfo[4] |= 0x7e // a block of a reserved type
	short := bytes.Clone(b)
	n := binary.BigEndian.Uint32(short[4+4+14:])
	binary.BigEndian.PutUint32(short[4+4+14:], n+50)
	for _, c := range []struct {
		name  string
		bytes []byte
		want  string
	}{
		{"another checksum", sum, "wrong_md5"},
		{"no STREAMINFO", noInfo, "missing_streaminfo"},
		{"more samples announced", short, "truncated"},
	} {
		got, _, damage, err := decodeAll(c.bytes, formatAuto)
		if diff := cmp.Diff(asFloats(x), got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", c.name, err, diff)
		}
		if diff := cmp.Diff([]string{c.want}, kinds(damage)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestAFLACCutAnywhereGivesAPrefix(t *testing.T) {
	t.Parallel()
	x := tones(600)
	whole, want := writeFLAC(t, 8000, 1, x), asFloats(x)
	for n := range whole {
		got, _, damage, err := decodeAll(whole[:n], formatAuto)
		if err != nil {
			continue
		}
		if !cmp.Equal(got, want[:len(got)], cmpopts.EquateEmpty()) || len(damage) == 0 {
			t.Fatalf("%d bytes: %d samples, damage %v", n, len(got), damage)
		}
	}
}

func TestTheFLACLibraryDoesNotChatter(t *testing.T) {
	var b bytes.Buffer
	log.SetOutput(&b)
	defer log.SetOutput(os.Stderr)
	filter := FilterLog(&b)
	log.SetOutput(filter)
	if _, _, _, err := decodeAll(writeFLAC(t, 24000, 1, tones(300)), formatAuto); err != nil {
		t.Fatal(err)
	}
	log.Print("kept")
	if s := b.String(); !strings.HasSuffix(s, "kept\n") || strings.Count(s, "\n") != 1 {
		t.Errorf("logged %q", s)
	}
}

func FuzzFLAC(f *testing.F) {
	b := writeFLAC(f, 8000, 2, tones(600))
	f.Add(b)
	f.Add(append(bytes.Clone(b[:200]), b[300:]...))
	f.Fuzz(func(t *testing.T, b []byte) { fuzzDecode(t, b, "flac") })
}

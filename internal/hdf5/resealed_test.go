package hdf5

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"regexp"
	"testing"
)

// sealed is a stretch of a modern file and its checksum behind it. A direct
// block of a fractal heap has it inside, and sums with zeros in its place.
type sealed struct{ from, to, sum int }

// seals finds the checksummed structures of a modern file.
func seals(b []byte) (all []sealed) {
	for _, signature := range []string{signature, "OHDR", "OCHK", "FRHP", "FHIB", "BTHD", "BTLF", "BTIN", "FAHD", "FADB", "EAHD", "EAIB",
		"EASB", "EADB"} {
		for at := 0; ; at++ {
			i := bytes.Index(b[at:], []byte(signature))
			if i < 0 {
				break
			}
			at += i
			for to := at + 6; to+4 <= len(b); to++ {
				if binary.LittleEndian.Uint32(b[to:]) == lookup3(b[at:to]) {
					all = append(all, sealed{at, to, to})
					break
				}
			}
		}
	}
	for at := 0; ; at++ {
		i := bytes.Index(b[at:], []byte("FHDB"))
		if i < 0 {
			return all
		}
		at += i
		all = append(all, sealed{at, at + 512, at + 17})
	}
}

// reseal makes the checksum of a changed stretch right again.
func (s sealed) reseal(b []byte) {
	inside := s.sum < s.to
	if inside {
		clear(b[s.sum : s.sum+4])
	}
	binary.LittleEndian.PutUint32(b[s.sum:], lookup3(b[s.from:s.to]))
}

// TestALieUnderARightChecksumDoesNoHarm changes every byte of every checksummed
// structure, to values that lie at bounds, and makes the checksum right. What
// is wrong must be told with its place, whatever it is; nothing may panic, hang
// or cost more than the file allows.
func TestALieUnderARightChecksumDoesNoHarm(t *testing.T) {
	t.Parallel()
	values := []byte{0, 2, 0x40, 0xff}
	if os.Getenv("GANGLION_LONG") != "" {
		values = nil
		for v := range 256 {
			values = append(values, byte(v))
		}
	}
	sample := modernSample()
	messages := map[string]bool{}
	figures := regexp.MustCompile(`-?\d+|"[^"]*"|/\S*|\[[^]]*\]`)
	found := seals(sample)
	if len(found) < 25 {
		t.Fatalf("%d structures found", len(found))
	}
	for _, s := range found {
		for i := s.from; i < min(s.to, s.from+120); i++ {
			for _, v := range values {
				b := bytes.Clone(sample)
				if b[i] == v {
					continue
				}
				b[i] = v
				s.reseal(b)
				err := readAllOf(b)
				if err == nil {
					continue
				}
				var located *Error
				if !errors.As(err, &located) || located.Path == "" || located.Offset < 0 {
					t.Fatalf("byte %d is %d: an error without a place: %v", i, v, err)
				}
				messages[figures.ReplaceAllString(located.Err.Error(), "#")] = true
			}
		}
	}
	t.Logf("%d structures, %d kinds of errors", len(found), len(messages))
	if len(messages) < 40 {
		t.Errorf("only %d kinds of errors were met", len(messages))
	}
}

// TestALieInAnOldFileDoesNoHarm does the same where nothing is checksummed.
func TestALieInAnOldFileDoesNoHarm(t *testing.T) {
	t.Parallel()
	sample := small()
	kinds := map[string]bool{}
	figures := regexp.MustCompile(`-?\d+|"[^"]*"|/\S*|\[[^]]*\]`)
	for i := range sample {
		for _, v := range []byte{0, 2, 0xff} {
			b := bytes.Clone(sample)
			b[i] = v
			var located *Error
			if err := readAllOf(b); errors.As(err, &located) {
				kinds[figures.ReplaceAllString(located.Err.Error(), "#")] = true
			} else if err != nil {
				t.Fatalf("byte %d is %d: an error without a place: %v", i, v, err)
			}
		}
	}
	t.Logf("%d kinds of errors", len(kinds))
	if len(kinds) < 30 {
		t.Errorf("only %d kinds of errors were met", len(kinds))
	}
}

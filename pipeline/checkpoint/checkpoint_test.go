package checkpoint_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline/checkpoint"
)

// memory is a component whose state is some bytes.
type memory struct {
	bytes []byte
	err   error
}

func (m *memory) AppendState(b []byte) ([]byte, error) { return append(b, m.bytes...), m.err }

func (m *memory) RestoreState(b []byte) error {
	m.bytes = bytes.Clone(b)
	return m.err
}

func parts(states ...string) (list []checkpoint.Part) {
	for i, s := range states {
		list = append(list, checkpoint.Part{Name: []string{"encoder", "network", "readout"}[i], Component: &memory{bytes: []byte(s)}})
	}
	return list
}

var header = checkpoint.Header{
	Identity: checkpoint.Identity{{Key: "name", Text: "left"}, {Key: "network.step", Text: "1ms"}},
	Position: -20_000, Batches: 3, NextSeq: 17,
}

func snapshot(t testing.TB) []byte {
	t.Helper()
	b, err := checkpoint.Append(nil, header, parts("e", "", "readout state"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestASnapshotGivesBackWhatWentIn(t *testing.T) {
	t.Parallel()
	s, err := checkpoint.Decode(snapshot(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(header, s.Header); diff != "" {
		t.Error(diff)
	}
	got := parts("", "old", "old")
	if err := s.Restore(got); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"e", "", "readout state"} {
		if state := string(got[i].Component.(*memory).bytes); state != want {
			t.Errorf("%s: %q, want %q", got[i].Name, state, want)
		}
	}
}

func TestASnapshotThatIsCutOffOrDamagedAnywhereIsRefused(t *testing.T) {
	t.Parallel()
	whole := snapshot(t)
	for n := range whole {
		if _, err := checkpoint.Decode(whole[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are accepted", n, len(whole))
		}
		bad := bytes.Clone(whole)
		bad[n] ^= 0x10
		if _, err := checkpoint.Decode(bad); err == nil {
			t.Errorf("a wrong byte %d is accepted", n)
		}
	}
	if _, err := checkpoint.Decode(append(whole, 0)); err == nil {
		t.Error("a byte too many is accepted")
	}
}

func TestRefusalsNameTheirReason(t *testing.T) {
	t.Parallel()
	newer := snapshot(t)
	newer[8]++
	for want, err := range map[string]error{
		"version 3, this program reads and writes version 2": decode(newer),
		"not a snapshot":    decode([]byte("a text that is long enough to be looked at, by far")),
		"cut off":           decode(snapshot(t)[:100]),
		"checksum is wrong": decode(append(snapshot(t)[:100], snapshot(t)[101:]...), 0),
		"holds the state of 3 components, this pipeline has 1": restore(t, parts("")),
		"state of the encoder, this pipeline has that of the network": restore(t, []checkpoint.Part{
			{Name: "network", Component: new(memory)}, {Name: "b", Component: new(memory)}, {Name: "c", Component: new(memory)},
		}),
		"state of the encoder: boom": restore(t, []checkpoint.Part{
			{Name: "encoder", Component: &memory{err: errors.New("boom")}}, {Name: "b"}, {Name: "c"},
		}),
		`network.step is "1ms" in the snapshot and "2ms" here`: header.Identity.Check(checkpoint.Identity{{Key: "name", Text: "left"},
			{Key: "network.step", Text: "2ms"}}),
		`network.step is "1ms" in the snapshot and absent here`: header.Identity.Check(checkpoint.Identity{{Key: "name", Text: "left"}}),
		`seed is absent in the snapshot and "7" here`: header.Identity.Check(append(checkpoint.Identity{{Key: "seed", Text: "7"}},
			header.Identity...)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if err := header.Identity.Check(header.Identity); err != nil {
		t.Error(err)
	}
}

// decode decodes bytes, made as long again as they announce by filler.
func decode(b []byte, filler ...byte) error {
	_, err := checkpoint.Decode(append(b, filler...))
	return err
}

func restore(t *testing.T, parts []checkpoint.Part) error {
	t.Helper()
	s, err := checkpoint.Decode(snapshot(t))
	if err != nil {
		t.Fatal(err)
	}
	return s.Restore(parts)
}

func TestAComponentThatCannotTellItsStateIsNamed(t *testing.T) {
	t.Parallel()
	p := []checkpoint.Part{{Name: "network", Component: &memory{err: errors.New("boom")}}}
	if _, err := checkpoint.Append(nil, header, p); err == nil || err.Error() != "state of the network: boom" {
		t.Errorf("error %v", err)
	}
}

func TestASnapshotIntoTheMemoryOfTheLastAllocatesNothing(t *testing.T) {
	p := parts("a", "b", "c")
	var b []byte
	take := func() { b, _ = checkpoint.Append(b[:0], header, p) }
	take()
	if n := testing.AllocsPerRun(20, take); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func store(t *testing.T, name string, dir string) checkpoint.Store {
	t.Helper()
	s, err := checkpoint.NewStore(dir, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// save saves a snapshot taken after so many batches.
func save(t *testing.T, s checkpoint.Store, batches uint64) {
	t.Helper()
	h := header
	h.Batches = batches
	b, err := checkpoint.Append(nil, h, nil)
	if err == nil {
		err = s.Save(batches, b)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAStoreKeepsTheLastTwoSnapshotsOfItsPipeline(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "folder")
	left, other := store(t, "left", dir), store(t, "left-2", dir)
	save(t, other, 5)
	for _, n := range []uint64{1, 2, 10, 9_999_999_999} {
		save(t, left, n)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.snapshot"))
	if len(files) != 3 {
		t.Errorf("kept %v", files)
	}
	s, err := left.Load(slog.New(slog.DiscardHandler))
	if err != nil || s == nil || s.Batches != 9_999_999_999 {
		t.Errorf("loaded %+v, %v", s, err)
	}
	if err := left.Clear(); err != nil {
		t.Error(err)
	}
	if s, err := left.Load(slog.New(slog.DiscardHandler)); s != nil || err != nil {
		t.Errorf("after Clear: %+v, %v", s, err)
	}
	if s, err := other.Load(slog.New(slog.DiscardHandler)); err != nil || s == nil {
		t.Errorf("the other pipeline's snapshot is gone: %v", err)
	}
}

func TestADamagedSnapshotGivesWayToTheOneBeforeAndIsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := store(t, "left", dir)
	save(t, s, 1)
	save(t, s, 2)
	files, _ := filepath.Glob(filepath.Join(dir, "*.snapshot"))
	for i, want := range []uint64{1, 0} {
		b, err := os.ReadFile(files[1-i])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(files[1-i], b[:len(b)/2], 0o644); err != nil {
			t.Fatal(err)
		}
		log := new(strings.Builder)
		got, err := s.Load(slog.New(slog.NewTextHandler(log, nil)))
		if want > 0 && (err != nil || got.Batches != want || !strings.Contains(log.String(), files[1])) {
			t.Errorf("got %+v, %v, log %s", got, err, log)
		}
		if want == 0 && (err == nil || !strings.Contains(err.Error(), files[0]) || !strings.Contains(err.Error(), files[1])) {
			t.Errorf("error %v", err)
		}
	}
}

func TestWhatAKilledSaveLeavesIsNoSnapshot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := store(t, "left", dir)
	save(t, s, 1)
	for _, name := range []string{"left.snapshot.tmp", "left-2.snapshot", "left-0000000000000000000x.snapshot",
		"left-00000000000000000003.snapshot.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, name), snapshot(t)[:50], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Load(slog.New(slog.DiscardHandler))
	if err != nil || got.Batches != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	save(t, s, 2)
	if got, err = s.Load(slog.New(slog.DiscardHandler)); err != nil || got.Batches != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// A snapshot that cannot be given its name, as on a full disk, leaves nothing behind
// that would take the room of what is written there next.
func TestASnapshotThatFailsTakesNoRoom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := store(t, "left", dir)
	save(t, s, 1)
	if err := os.MkdirAll(filepath.Join(dir, "left-00000000000000000002.snapshot", "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(2, snapshot(t)); err == nil {
		t.Fatal("it was saved")
	}
	if drafts, _ := filepath.Glob(filepath.Join(dir, "*.tmp")); len(drafts) > 0 {
		t.Errorf("left behind: %v", drafts)
	}
	save(t, s, 3)
}

func TestAStoreTellsWhatItCannotDo(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := checkpoint.NewStore(file, "left"); err == nil {
		t.Error("a file is taken for a folder")
	}
	dir := filepath.Join(t.TempDir(), "folder")
	s := store(t, "left", dir)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(1, nil); err == nil {
		t.Error("saved into a folder that is gone")
	}
	if _, err := s.Load(nil); err == nil {
		t.Error("loaded from a folder that is gone")
	}
}

// FuzzDecode gives every input the length and checksum that it should have, so
// that the fuzzer gets behind them.
func FuzzDecode(f *testing.F) {
	whole := snapshot(f)
	f.Add(whole[20 : len(whole)-sha256.Size])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		b := binary.LittleEndian.AppendUint64(bytes.Clone(whole[:12]), uint64(len(body)))
		b = append(b, body...)
		sum := sha256.Sum256(b)
		s, err := checkpoint.Decode(append(b, sum[:]...))
		if err != nil {
			return
		}
		p := parts("", "", "")
		if s.Restore(p) != nil {
			return
		}
		again, err := checkpoint.Append(nil, s.Header, p)
		if err != nil || !bytes.Equal(again[20:len(again)-sha256.Size], body) {
			t.Errorf("%v: %x becomes %x", err, body, again)
		}
	})
}

func Example() {
	b, err := checkpoint.Append(nil, checkpoint.Header{
		Identity: checkpoint.Identity{{Key: "network.step", Text: "1ms"}}, Position: 10_000, Batches: 1, NextSeq: 4,
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := checkpoint.Decode(b)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Position, s.Identity.Check(checkpoint.Identity{{Key: "network.step", Text: "5ms"}}))
	// Output: 10000 network.step is "1ms" in the snapshot and "5ms" here
}

// BenchmarkSnapshot is a snapshot of 64 MiB of state: that of the motion
// network on 1280x720 pixels.
func BenchmarkSnapshot(b *testing.B) {
	const size = 64 << 20
	p := []checkpoint.Part{{Name: "network", Component: &memory{bytes: make([]byte, size)}}}
	var snapshot []byte
	for b.Loop() {
		var err error
		if snapshot, err = checkpoint.Append(snapshot[:0], header, p); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(size)
	b.ReportAllocs()
}

func TestAFolderKeepsThePipelineOfOneRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := checkpoint.NewStore(dir, "left")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := checkpoint.NewStore(dir, "left"); err == nil || !strings.Contains(err.Error(), "left.lock is held by this process") {
		t.Errorf("a second run of the pipeline: %v", err)
	}
	other, err := checkpoint.NewStore(dir, "right")
	if err != nil {
		t.Errorf("another pipeline: %v", err)
	}
	if err := errors.Join(first.Close(), other.Close()); err != nil {
		t.Error(err)
	}
	again, err := checkpoint.NewStore(dir, "left")
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

package arrow

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ganglion/pipeline"
)

// The victim is this test binary, run again with the path to write to in the
// environment.
const (
	victimPath   = "GANGLION_TEST_ARROW_PATH"
	victimConfig = "GANGLION_TEST_ARROW_CONFIG" // batch rows, rotation rows, rows of a write
)

// victim writes until it is killed. After each Write it prints the number of
// rows that are written so far.
func victim() {
	c := config(os.Getenv(victimPath))
	var rows int
	if _, err := fmt.Sscan(os.Getenv(victimConfig), &c.BatchRows, &c.RotateRows, &rows); err != nil {
		os.Exit(2)
	}
	s, err := New(c, env())
	if err != nil {
		os.Exit(2)
	}
	if err := s.Open(context.Background(), pipeline.StreamMeta{}); err != nil {
		os.Exit(2)
	}
	d := detections(rows)
	for seq := uint64(0); ; {
		for i := range d {
			d[i].Seq = seq
			seq++
		}
		if err := s.Write(context.Background(), d); err != nil {
			os.Exit(2)
		}
		fmt.Println(seq)
	}
}

// kill lets a victim report n writes, kills it and returns the last number of
// rows that it reported.
func kill(t *testing.T, path, config string, n int) (reported int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), victimPath+"="+path, victimConfig+"="+config)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for killed := false; lines.Scan(); {
		if reported, err = strconv.Atoi(lines.Text()); err != nil {
			t.Error(err)
		}
		if n--; n <= 0 && !killed {
			killed = true
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the victim ended by itself: %v", err)
	}
	return reported
}

// checkKilled demands the rows 0, 1, 2, ... in whole batches, as many as were
// reported or more.
func checkKilled(rows []pipeline.Detection, reported int) error {
	for i, d := range rows {
		if d.Seq != uint64(i) {
			return fmt.Errorf("row %d has seq %d", i, d.Seq)
		}
	}
	if len(rows) < reported {
		return fmt.Errorf("%d rows are readable, %d were finished", len(rows), reported)
	}
	return nil
}

// kills is how many victims a test has.
func kills(t *testing.T) int {
	if os.Getenv("GANGLION_LONG") != "" {
		return 100
	}
	if testing.Short() {
		return 3
	}
	return 12
}

func TestAKilledRunLeavesEveryFinishedBatchOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	indexed := 0
	for range kills(t) {
		path := filepath.Join(t.TempDir(), "d.arrow")
		reported := kill(t, path, "16 0 16", 1+r.IntN(300))
		rows, _ := ReadDetections(path) // a batch that is cut off is an error and no harm
		if err := checkKilled(rows, reported); err != nil {
			t.Error(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(string(b), "ARROW1") {
			indexed++
		}
	}
	t.Logf("%d of %d files were complete with their index", indexed, kills(t))
}

func TestTheKillTestSeesRowsThatWereNeverWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "d.arrow")
	reported := kill(t, path, "65536 0 16", 20) // reports rows of unfinished batches
	rows, err := ReadDetections(path)
	if err != nil {
		t.Fatal(err)
	}
	if checkKilled(rows, reported) == nil {
		t.Error("nothing was written and the check found every row")
	}
}

func TestTheNextRunCompletesWhatAKilledOneLeft(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range kills(t) / 3 {
		dir := t.TempDir()
		path := filepath.Join(dir, "d.arrow")
		reported := kill(t, path, "16 96 16", 1+r.IntN(100))

		c := config(path)
		c.RotateRows = 96
		s := openRun(t, c, "next") // recovers
		next := of("next", detections(5))
		write(t, s, next)
		closeSink(t, s)

		if left, _ := filepath.Glob(filepath.Join(dir, "*"+unfinished)); len(left) > 0 {
			t.Errorf("unfinished files are left: %v", left)
		}
		files, _ := filepath.Glob(filepath.Join(dir, "d-*.arrow")) // those of "next" come last
		var rows []pipeline.Detection
		for _, f := range files[:len(files)-1] {
			rows = append(rows, libraryRead(t, f)...)
		}
		if err := checkKilled(rows, reported); err != nil {
			t.Error(err)
		}
		same(t, read(t, files[len(files)-1]), viaJSON(t, next))
	}
}

package labels

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"ganglion/sources/format/table"
)

// ErrNoRate is why labels that count frames have no times.
var ErrNoRate = errors.New("give --rate")

// longestLine bounds a line of labels, bytes.
const longestLine = 1 << 16

// readMOT reads labels of the MOTChallenge: of ground truth (gt.txt) those that are
// to be considered, of others all. Rate is how many frames a second has.
func readMOT(r io.Reader, rate float64) ([]table.Box, error) {
	if !(rate > 0) {
		return nil, fmt.Errorf("MOT counts frames: %g frames per second is not a rate", rate)
	}
	var boxes []table.Box
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, longestLine)
	n := 0
	for scan.Scan() {
		n++
		line := strings.TrimSpace(scan.Text())
		if line == "" {
			continue
		}
		b, use, err := parseMOT(line, rate)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if use {
			boxes = append(boxes, b)
		}
	}
	if err := scan.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("line %d is longer than %d bytes", n+1, longestLine)
	} else if err != nil {
		return nil, err
	}
	return boxes, nil
}

// parseMOT reads "frame,id,left,top,width,height,consider,...". use is false where
// consider is 0.
func parseMOT(line string, rate float64) (b table.Box, use bool, err error) {
	var v [7]float64
	fields := strings.Split(line, ",")
	if len(fields) < 6 {
		return b, false, fmt.Errorf("%q: want frame,id,left,top,width,height", line)
	}
	v[6] = 1
	for i := range min(len(fields), len(v)) {
		v[i], err = strconv.ParseFloat(strings.TrimSpace(fields[i]), 64)
		if err != nil || math.IsNaN(v[i]) || math.Abs(v[i]) > 1e12 {
			return b, false, fmt.Errorf("%q is not a number of a label", fields[i])
		}
	}
	if v[0] < 1 || v[0] != math.Trunc(v[0]) || v[1] != math.Trunc(v[1]) {
		return b, false, fmt.Errorf("frame %g, object %g: both are whole numbers, and frames count from 1", v[0], v[1])
	}
	if !(v[4] > 0 && v[5] > 0) {
		return b, false, fmt.Errorf("a box of %gx%g px", v[4], v[5])
	}
	at := math.Round(v[0] / rate * 1e6)
	if at > 1e15 {
		return b, false, fmt.Errorf("frame %g is beyond all recordings", v[0])
	}
	return table.Box{T: int64(at), X: v[2] - 1, Y: v[3] - 1, W: v[4], H: v[5], Track: int(v[1])}, v[6] != 0, nil
}

// sequenceRate is the frame rate of a MOT sequence, by the file seqinfo.ini beside
// its labels or in the folder above.
func sequenceRate(file string) (float64, error) {
	folder := filepath.Dir(file)
	for _, path := range []string{filepath.Join(folder, "seqinfo.ini"), filepath.Join(folder, "..", "seqinfo.ini")} {
		data, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		for line := range strings.Lines(string(data)) {
			key, value, _ := strings.Cut(line, "=")
			if !strings.EqualFold(strings.TrimSpace(key), "frameRate") {
				continue
			}
			rate, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil || !(rate > 0) {
				return 0, fmt.Errorf("%s: frameRate=%s is not a rate: %w", path, strings.TrimSpace(value), ErrNoRate)
			}
			return rate, nil
		}
		return 0, fmt.Errorf("%s: holds no frameRate: %w", path, ErrNoRate)
	}
	return 0, fmt.Errorf("%s: there is no seqinfo.ini that tells the frame rate: %w", file, ErrNoRate)
}

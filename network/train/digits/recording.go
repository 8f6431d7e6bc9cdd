package digits

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Recording is a file LABEL_SPEAKER_N.wav, as the Free Spoken Digit Dataset
// names them: who said what, and which of the speaker's recordings of it it is.
type Recording struct {
	Path    string
	Label   string
	Speaker string
	Take    int
}

// Recordings lists those of a folder in the order of label, speaker and take.
// Files of other names are counted.
func Recordings(dir string) (all []Recording, others int, err error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, 0, err
	}
	for _, f := range files {
		name, isSound := strings.CutSuffix(f.Name(), ".wav")
		parts := strings.Split(name, "_")
		if !isSound || len(parts) != 3 {
			others++
			continue
		}
		take, err := strconv.Atoi(parts[2])
		if err != nil || take < 0 {
			others++
			continue
		}
		all = append(all, Recording{filepath.Join(dir, f.Name()), parts[0], parts[1], take})
	}
	slices.SortFunc(all, func(a, b Recording) int {
		return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.Speaker, b.Speaker), cmp.Compare(a.Take, b.Take))
	})
	if len(all) == 0 {
		return nil, others, fmt.Errorf("%s: no recording is named LABEL_SPEAKER_N.wav", dir)
	}
	return all, others, nil
}

// Word is a recording and its sound, one channel at [Rate].
type Word struct {
	Recording
	PCM []float32
}

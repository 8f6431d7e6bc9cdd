package keyword

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"ganglion/network/nir"
)

// Model is what a NIR file says about the words that its network knows, in the
// metadata of its graph:
//
//	labels      the classes, in the order of the last layer
//	thresholds  one for each class, 0 for those that are not a word
//	smooth_s    the time over which posteriors are averaged, s
type Model struct {
	Labels     []string
	Thresholds []float64
	Smooth     time.Duration
	Hash       string // of the file: 16 hexadecimal digits of its SHA-256
}

// maxModel bounds a model file, bytes.
const maxModel = 1 << 28

// ReadModel reads the words of a NIR file.
func ReadModel(path string) (Model, error) {
	f, size, err := nir.Open(path)
	if err != nil {
		return Model{}, err
	}
	defer f.Close()
	if size > maxModel {
		return Model{}, fmt.Errorf("%s: %d bytes are more than %d", path, size, maxModel)
	}
	file, err := nir.Read(f, size, nir.Options{})
	if err != nil {
		return Model{}, fmt.Errorf("%s: %w", path, err)
	}
	m, err := modelOf(file.Graph.Metadata)
	if err != nil {
		return Model{}, fmt.Errorf("%s: metadata: %w", path, err)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, size)); err != nil {
		return Model{}, err
	}
	m.Hash = hex.EncodeToString(sum.Sum(nil)[:8])
	return m, nil
}

func modelOf(md nir.Metadata) (m Model, err error) {
	for _, e := range md {
		text, isText := e.Value.(nir.Text)
		number, isNumber := e.Value.(nir.Tensor)
		switch {
		case e.Key == "labels" && isText:
			m.Labels = text.Values
		case e.Key == "thresholds" && isNumber:
			for i := range number.Len() {
				m.Thresholds = append(m.Thresholds, number.At(i))
			}
		case e.Key == "smooth_s" && isNumber && number.Len() == 1:
			m.Smooth = time.Duration(float64(number.At(0)*1e6)+.5) * time.Microsecond
		}
	}
	switch {
	case len(m.Labels) == 0:
		return m, errors.New("no labels: the network does not say what it hears")
	case len(m.Thresholds) > 0 && len(m.Thresholds) != len(m.Labels):
		return m, fmt.Errorf("%d thresholds for %d labels", len(m.Thresholds), len(m.Labels))
	}
	for i, v := range m.Thresholds {
		if !(v >= 0 && v <= 1) {
			return m, fmt.Errorf("threshold %v of %q is outside 0 to 1", v, m.Labels[i])
		}
	}
	if m.Smooth < 0 || m.Smooth > 10*time.Second {
		return m, fmt.Errorf("smoothing over %v is outside 0 to 10s", m.Smooth)
	}
	return m, nil
}

// Threshold is that of a word, 0 where the model has none.
func (m Model) Threshold(label string) float64 {
	for i, l := range m.Labels {
		if l == label && i < len(m.Thresholds) {
			return m.Thresholds[i]
		}
	}
	return 0
}

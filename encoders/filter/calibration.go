package filter

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// pinhole is a pinhole camera with radial-tangential distortion, in the terms
// of OpenCV: with x, y on the plane at distance 1 and r² = x² + y²,
//
//	x' = x (1 + k1 r² + k2 r⁴ + k3 r⁶) + 2 p1 x y + p2 (r² + 2 x²)
//	y' = y (1 + k1 r² + k2 r⁴ + k3 r⁶) + p1 (r² + 2 y²) + 2 p2 x y
//
// is seen at column fx x' + cx, row fy y' + cy.
type pinhole struct {
	FX, FY, CX, CY     float64 // px
	K1, K2, P1, P2, K3 float64
	Width, Height      int // px; 0 where the file does not say
}

// maxCalibration bounds the file, bytes: EV-IMO's holds whole trajectories.
const maxCalibration = 256 << 20

// readCalibration reads a camera of a file: of Kalibr's camchain.yaml (camera
// names one of several), of EV-IMO's meta.txt, or of a text of eight or nine numbers
// fx fy cx cy k1 k2 p1 p2 [k3], as the calib.txt of the RPG data sets.
func readCalibration(file, camera string) (pinhole, error) {
	st, err := os.Stat(file)
	if err != nil {
		return pinhole{}, fmt.Errorf("calibration: %w", err)
	}
	if st.Size() > maxCalibration || st.IsDir() {
		return pinhole{}, fmt.Errorf("calibration %s: is not a calibration: a folder, or too long (%d bytes)", file, st.Size())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return pinhole{}, fmt.Errorf("calibration: %w", err)
	}
	c, err := parseCalibration(string(text), camera)
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return pinhole{}, fmt.Errorf("calibration %s: %w", file, err)
	}
	return c, nil
}

func parseCalibration(text, camera string) (pinhole, error) {
	trimmed := strings.TrimSpace(text)
	if fields := strings.Fields(trimmed); len(fields) == 8 || len(fields) == 9 {
		var v [9]float64
		for i, f := range fields {
			var err error
			if v[i], err = strconv.ParseFloat(f, 64); err != nil {
				return pinhole{}, fmt.Errorf("number %d is %.20q", i+1, f)
			}
		}
		return pinhole{FX: v[0], FY: v[1], CX: v[2], CY: v[3], K1: v[4], K2: v[5], P1: v[6], P2: v[7], K3: v[8]}, nil
	}
	if strings.HasPrefix(trimmed, "{") && strings.Contains(trimmed, "'fx'") {
		return parseEVIMO(trimmed)
	}
	return parseKalibr(trimmed, camera)
}

// kalibrCamera is a camera of Kalibr's camchain.yaml.
type kalibrCamera struct {
	Model      string    `yaml:"camera_model"`
	Intrinsics []float64 `yaml:"intrinsics"`
	Distortion string    `yaml:"distortion_model"`
	Coeffs     []float64 `yaml:"distortion_coeffs"`
	Resolution []int     `yaml:"resolution"`
}

func parseKalibr(text, camera string) (c pinhole, err error) {
	text = strings.TrimPrefix(text, "%YAML:1.0") // as OpenCV writes it, which is not YAML
	var chain map[string]yaml.Node
	if err := yaml.Unmarshal([]byte(text), &chain); err != nil {
		return c, fmt.Errorf("is neither Kalibr's camchain.yaml, nor EV-IMO's meta.txt, nor eight numbers: %w", err)
	}
	var names []string
	cameras := map[string]kalibrCamera{}
	for name, node := range chain {
		var k kalibrCamera
		if node.Decode(&k) == nil && len(k.Intrinsics) > 0 {
			names, cameras[name] = append(names, name), k
		}
	}
	slices.Sort(names)
	if camera == "" && len(names) == 1 {
		camera = names[0]
	}
	k, ok := cameras[camera]
	switch {
	case len(names) == 0:
		return c, errors.New("has no camera with intrinsics")
	case camera == "":
		return c, fmt.Errorf("has several cameras, name one: %s", strings.Join(names, ", "))
	case !ok:
		return c, fmt.Errorf("has no camera %q (it has %s)", camera, strings.Join(names, ", "))
	case k.Model != "" && k.Model != "pinhole" || len(k.Intrinsics) != 4:
		return c, fmt.Errorf("%s: camera model %q with %d intrinsics is not a pinhole with 4", camera, k.Model, len(k.Intrinsics))
	case k.Distortion != "radtan" && k.Distortion != "none" && k.Distortion != "":
		return c, fmt.Errorf("%s: distortion model %q is not radtan", camera, k.Distortion)
	case len(k.Coeffs) != 0 && len(k.Coeffs) != 4 && len(k.Coeffs) != 5:
		return c, fmt.Errorf("%s: %d coefficients of distortion, want 4", camera, len(k.Coeffs))
	}
	d := append(slices.Clone(k.Coeffs), make([]float64, 5)...)
	f := k.Intrinsics
	c = pinhole{FX: f[0], FY: f[1], CX: f[2], CY: f[3], K1: d[0], K2: d[1], P1: d[2], P2: d[3], K3: d[4]}
	if len(k.Resolution) == 2 {
		c.Width, c.Height = k.Resolution[0], k.Resolution[1]
	}
	return c, nil
}

// evimoKey finds a number or a word of EV-IMO's meta.
var evimoKey = regexp.MustCompile(`'(fx|fy|cx|cy|k1|k2|k3|k4|p1|p2|res_x|res_y|dist_model)'\s*:\s*'?([-+.0-9A-Za-z_]+)`)

// parseEVIMO reads the Python dict that EV-IMO's meta.txt holds: the keys of its
// entry 'meta', which are nowhere else in it.
func parseEVIMO(text string) (c pinhole, err error) {
	found := map[string]string{}
	for _, m := range evimoKey.FindAllStringSubmatch(text, -1) {
		found[m[1]] = m[2]
	}
	number := func(key string, must bool) (v float64) {
		text, ok := found[key]
		if !ok && must && err == nil {
			err = fmt.Errorf("its meta has no %s", key)
		}
		if ok && err == nil {
			if v, err = strconv.ParseFloat(text, 64); err != nil {
				err = fmt.Errorf("%s is %.20q", key, text)
			}
		}
		return v
	}
	c = pinhole{
		FX: number("fx", true), FY: number("fy", true), CX: number("cx", true), CY: number("cy", true), K1: number("k1", true),
		K2: number("k2", true), P1: number("p1", true), P2: number("p2", true), K3: number("k3", false),
		Width: int(number("res_x", false)), Height: int(number("res_y", false)),
	}
	if model := found["dist_model"]; err == nil && model != "" && model != "radtan" {
		err = fmt.Errorf("distortion model %q is not radtan", model)
	}
	if k4 := number("k4", false); err == nil && k4 != 0 {
		err = fmt.Errorf("k4 is %v, which radtan has no place for", k4)
	}
	return c, err
}

// check reports numbers that no camera has.
func (c pinhole) check() error {
	for _, v := range []float64{c.FX, c.FY, c.CX, c.CY, c.K1, c.K2, c.P1, c.P2, c.K3} {
		if v != v || v > 1e6 || v < -1e6 {
			return fmt.Errorf("a value of %v", v)
		}
	}
	if c.FX <= 0 || c.FY <= 0 {
		return fmt.Errorf("focal lengths of %v and %v px", c.FX, c.FY)
	}
	return nil
}

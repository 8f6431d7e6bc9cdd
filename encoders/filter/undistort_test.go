package filter

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"ganglion/pipeline"
)

func calibration(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "calibration")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const camchain = `cam0:
  cam_overlaps: [1]
  camera_model: pinhole
  distortion_coeffs: [-0.36, 0.125, -0.0001, -5.5e-06]
  distortion_model: radtan
  intrinsics: [257.7, 257.6, 188.3, 131.6]
  resolution: [346, 260]
  rostopic: /dvs/image_raw
cam1:
  camera_model: pinhole
  intrinsics: [1, 2, 3, 4]
  distortion_model: equidistant
  distortion_coeffs: [0, 0, 0, 0]
  T_cn_cnm1:
  - [1.0, 0.0, 0.0, 0.1]
`

const evimo = `{'frames': [{'cam': {'pos': {'t': {'x': 1.0, 'y': 2.0}}, 'ts': 0.03}, 'id': 0}],
 'meta': {'cx': 188.3, 'cy': 131.6, 'dist_model': 'radtan', 'fx': 257.7, 'fy': 257.6, 'k1': -0.36, 'k2': 0.125, 'k3': 0.0, 'k4': 0.0,
  'p1': -0.0001, 'p2': -5.5e-06, 'res_x': 346, 'res_y': 260, 'ros_time_offset': 1606265321.4}}`

func TestCalibrationsOfKalibrAndEVIMOAreRead(t *testing.T) {
	t.Parallel()
	want := pinhole{FX: 257.7, FY: 257.6, CX: 188.3, CY: 131.6, K1: -0.36, K2: 0.125, P1: -0.0001, P2: -5.5e-06, Width: 346, Height: 260}
	for _, c := range []struct{ text, camera string }{{camchain, "cam0"}, {evimo, ""}, {strings.Split(camchain, "cam1")[0], ""}} {
		if got, err := readCalibration(calibration(t, c.text), c.camera); err != nil || got != want {
			t.Errorf("%.30q: %+v, %v", c.text, got, err)
		}
	}
	var chain any // as JSON, which is YAML too, and begins as EVIMO's does
	if err := yaml.Unmarshal([]byte(strings.Split(camchain, "cam1")[0]), &chain); err != nil {
		t.Fatal(err)
	}
	flow, err := json.Marshal(chain)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readCalibration(calibration(t, string(flow)), ""); err != nil || got != want {
		t.Errorf("%s: %+v, %v", flow, got, err)
	}
	want.Width, want.Height, want.K3 = 0, 0, 0.5
	numbers := calibration(t, "257.7 257.6 188.3 131.6\n-0.36 0.125 -0.0001 -5.5e-06 0.5\n")
	if got, err := readCalibration(numbers, ""); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for text, message := range map[string]string{
		camchain: "name one: cam0, cam1", "a: b\n": "no camera", "1 2 3 4 5 6 7 x": "number 8", "\x00\x01": "neither Kalibr",
		"0 1 2 3 4 5 6 7": "focal", strings.Replace(evimo, "radtan", "kannala", 1): "not radtan", "{'fx': 1.0}": "no fy",
	} {
		if _, err := readCalibration(calibration(t, text), ""); err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("%.30q: error %v, want %q", text, err, message)
		}
	}
	if _, err := readCalibration(calibration(t, camchain), "cam1"); err == nil || !strings.Contains(err.Error(), "equidistant") {
		t.Errorf("error %v", err)
	}
}

// The inverse of the distortion is that of another method.
func TestUndistortionAgreesWithNumPy(t *testing.T) {
	t.Parallel()
	c := pinhole{FX: 40, FY: 41, CX: 23.1, CY: 17.6, K1: -0.2, K2: 0.05, P1: 0.002, P2: -0.001, K3: 0.01}
	args := []string{"../../.ci/undistort_check.py"}
	for _, v := range []float64{c.FX, c.FY, c.CX, c.CY, c.K1, c.K2, c.P1, c.P2, c.K3} {
		args = append(args, fmt.Sprint(v))
	}
	out, err := exec.Command("/usr/bin/python3", args...).Output()
	if err != nil || strings.HasPrefix(string(out), "no numpy") {
		t.Skip("no Python with NumPy (Debian: python3-numpy)")
	}
	var want [][2]float64
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		x, y := c.straighten(float64(i%48), float64(i/48))
		if !(math.Abs(x-w[0])+math.Abs(y-w[1]) < 1e-5) {
			t.Errorf("pixel %d, %d: %v, %v, want %v", i%48, i/48, x, y, w)
		}
	}
}

func TestUndistortionOfAnotherSensorIsRefused(t *testing.T) {
	t.Parallel()
	file := calibration(t, strings.Split(camchain, "cam1")[0])
	if _, err := New([]Config{{Type: "undistort", Calibration: file}}, 640, 480); err == nil || !strings.Contains(err.Error(), "346x260") {
		t.Errorf("error %v", err)
	}
	chain, err := New([]Config{{Type: "undistort", Calibration: file}}, 346, 260)
	if err != nil {
		t.Fatal(err)
	}
	// The centre stays where it is, and barrel distortion is pushed outwards.
	got := chain.Filter([]pipeline.Event{{X: 188, Y: 132}, {X: 40, Y: 132}, {X: 0, Y: 0}})
	if len(got) != 2 || got[0] != (pipeline.Event{X: 188, Y: 132}) || got[1].X >= 40 {
		t.Errorf("got %v", got)
	}
}

// The first lens has no distortion, so every pixel stays. The second has focal
// lengths of 1 px and k1 = -1/64: 3 px off its centre stands what belongs at 4 px,
// as 4 - 4³/64 = 3, which may be beyond the last column or row.
func TestUndistortionReachesTheEdgesOfTheSensorAndNoFarther(t *testing.T) {
	t.Parallel()
	plain, barrel := calibration(t, "4 4 2 2 0 0 0 0"), calibration(t, "1 1 0 0 -0.015625 0 0 0")
	var all []pipeline.Event
	for i := range uint16(5 * 4) {
		all = append(all, pipeline.Event{X: i % 5, Y: i / 5})
	}
	for name, c := range map[string]struct {
		calibration   string
		width, height int
		events, want  []pipeline.Event
	}{
		"every pixel":            {plain, 5, 4, all, all},
		"to the last column":     {barrel, 5, 4, []pipeline.Event{{X: 3}}, []pipeline.Event{{X: 4}}},
		"behind the last column": {barrel, 4, 5, []pipeline.Event{{X: 3}}, nil},
		"to the last row":        {barrel, 4, 5, []pipeline.Event{{Y: 3}}, []pipeline.Event{{Y: 4}}},
		"behind the last row":    {barrel, 5, 4, []pipeline.Event{{Y: 3}}, nil},
	} {
		chain, err := New([]Config{{Type: "undistort", Calibration: c.calibration}}, c.width, c.height)
		if err != nil {
			t.Fatal(err)
		}
		if got := chain.Filter(slices.Clone(c.events)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

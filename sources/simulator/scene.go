package simulator

import "time"

// unit lengths: a scene is written for a sensor whose shorter side has 128
// pixels. One unit (u) is min(width, height)/128 px, so speeds and sizes in a
// scene are pixels on a 128x128 sensor and grow with a larger one.
const unitsPerSide = 128

// scene declares what there is to see. Places are shares of the sensor's
// width and height, angles degrees with y down.
type scene struct {
	name     string
	summary  string
	duration time.Duration // when the configuration says none
	actors   []actor       // back to front
	pillar   float64       // width of a still pillar in the middle, before everything, u
	texture  bool          // textured background
	drift    [2]float64    // velocity of the background (the camera moves), u/s
	hand     bool          // the camera is held in a hand
	flicker  bool          // a lamp of 100 Hz in the upper left corner
	hot      int           // number of hot pixels
}

// actor declares one moving shape. It crosses the sensor in passes: it comes
// from outside, passes its aim half way and leaves. Each pass is a new object.
// The seed varies what is declared here by the shares in stage.go.
type actor struct {
	form       form
	turns      []outline  // of its passes in turn, in place of form, size and length; nil for one outline
	size       float64    // radius, or half a bar's short side, u
	length     float64    // half a bar's long side, u
	level      float64    // intensity, 0..255
	aim        [2]float64 // where it passes half way, share of the sensor
	heading    float64    // direction of motion
	swing      float64    // the seed turns the heading by up to this
	begin, end float64    // speed at the begin and end of a pass, u/s
	grow       float64    // growth of the size, u/s, up to growTo and back; such an actor stays at its aim
	growTo     float64    // u
}

// outline is a form with its size, as in [actor].
type outline struct {
	form         form
	size, length float64
}

// outlineOf is the outline of a pass.
func (a *actor) outlineOf(pass uint64) outline {
	if len(a.turns) == 0 {
		return outline{a.form, a.size, a.length}
	}
	return a.turns[pass%uint64(len(a.turns))]
}

const (
	groundLevel = 100. // even background
	pillarLevel = 55.
	bright      = 200. // ln(201/101) = .69: about 3 events for an edge pixel
	dark        = 40.  // ln(101/41) = .90
	faint       = 132. // ln(133/101) = .28: one event for an edge pixel
)

var centre = [2]float64{.5, .5}

// scenes is the table of all scenes, in the order of the documentation.
var scenes = []scene{
	{name: "disk", summary: "one bright disk", actors: []actor{
		{size: 12, level: bright, aim: centre, swing: 180, begin: 100, end: 100}}},
	barScene("bar-0", 0),
	barScene("bar-45", 45),
	barScene("bar-90", 90),
	barScene("bar-135", 135),
	barScene("bar-180", 180),
	barScene("bar-225", 225),
	barScene("bar-270", 270),
	barScene("bar-315", 315),
	{name: "three", summary: "three disks with different speeds", actors: []actor{
		{size: 10, level: bright, aim: [2]float64{.5, .25}, heading: 5, swing: 15, begin: 80, end: 80},
		{size: 8, level: dark, aim: [2]float64{.6, .55}, heading: 190, swing: 15, begin: 120, end: 120},
		{size: 12, level: bright, aim: [2]float64{.4, .75}, heading: 330, swing: 15, begin: 60, end: 60}}},
	{name: "crossing", summary: "two disks that meet in the middle", actors: []actor{
		{size: 9, level: bright, aim: centre, heading: 20, swing: 10, begin: 100, end: 100},
		{size: 9, level: bright, aim: centre, heading: 160, swing: 10, begin: 100, end: 100}}},
	{name: "occlusion", summary: "a disk that passes behind a pillar", pillar: 20, actors: []actor{
		{size: 10, level: bright, aim: centre, heading: 0, swing: 15, begin: 90, end: 90}}},
	{name: "small-fast", summary: "a disk of radius 2.5 at 600 px/s", actors: []actor{
		{size: 2.5, level: bright, aim: centre, swing: 180, begin: 600, end: 600}}},
	{name: "slow", summary: "a disk at 12 px/s", duration: 3 * time.Second, actors: []actor{
		{size: 10, level: bright, aim: centre, swing: 180, begin: 12, end: 12}}},
	{name: "low-contrast", summary: "a disk that gives one event for each edge pixel", actors: []actor{
		{size: 12, level: faint, aim: centre, swing: 180, begin: 100, end: 100}}},
	{name: "looming", summary: "a disk that grows by 20 px/s", actors: []actor{
		{size: 6, level: bright, aim: centre, grow: 20, growTo: 50}}},
	{name: "accelerate", summary: "a disk that goes from 40 to 300 px/s", actors: []actor{
		{size: 10, level: bright, aim: centre, swing: 180, begin: 40, end: 300}}},
	{name: "flicker", summary: "a disk, a lamp of 100 Hz and 15 hot pixels", flicker: true, hot: 15, duration: 3 * time.Second,
		actors: []actor{
			{size: 12, level: bright, aim: [2]float64{.5, .68}, heading: 0, swing: 10, begin: 100, end: 100}}},
	{name: "camera", summary: "a textured scene before a moving camera", texture: true, drift: [2]float64{60, 15}},
	{name: "camera-object", summary: "a disk before a moving textured background", texture: true, drift: [2]float64{60, 15}, actors: []actor{
		{size: 12, level: 240, aim: centre, heading: 180, swing: 60, begin: 100, end: 100}}},
	{name: "hand", summary: "a textured scene before a camera in the hand", texture: true, hand: true},
	{name: "hand-object", summary: "a disk before a textured scene and a camera in the hand", texture: true, hand: true, actors: []actor{
		{size: 12, level: 240, aim: centre, heading: 180, swing: 60, begin: 100, end: 100}}},
	{name: "bar", summary: "a bar of 8 by 50 px that moves across its long side, anywhere", actors: []actor{
		{form: bar, size: 4, length: 25, level: bright, aim: centre, swing: 180, begin: 100, end: 100}}},
	{name: "cross", summary: "a cross of two bars of 8 by 50 px", actors: []actor{
		{form: cross, size: 4, length: 25, level: bright, aim: centre, swing: 180, begin: 100, end: 100}}},
	{name: "shapes", summary: "a disk, a bar and a cross in turn", duration: 6 * time.Second, actors: []actor{
		{turns: []outline{{disk, 12, 0}, {bar, 4, 25}, {cross, 4, 25}}, level: bright, aim: centre, swing: 180, begin: 100, end: 100}}},
	{name: "noise", summary: "nothing but sensor noise", duration: 6 * time.Second},
}

const defaultDuration = 2 * time.Second

func barScene(name string, heading float64) scene {
	return scene{name: name, summary: "a bar of 8 by 50 px that moves across its long side", actors: []actor{
		{form: bar, size: 4, length: 25, level: bright, aim: centre, heading: heading, begin: 100, end: 100}}}
}

// Scene describes one scene to choose from.
type Scene struct {
	Name     string
	Summary  string
	Duration time.Duration // when the configuration says none
}

// Scenes lists the scenes in a fixed order.
func Scenes() []Scene {
	list := make([]Scene, len(scenes))
	for i, s := range scenes {
		list[i] = Scene{Name: s.name, Summary: s.summary, Duration: s.defaultDuration()}
	}
	return list
}

func (s *scene) defaultDuration() time.Duration {
	if s.duration == 0 {
		return defaultDuration
	}
	return s.duration
}

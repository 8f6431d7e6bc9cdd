package format

// sensors are the sizes of event cameras, px.
var sensors = [...][2]int{{128, 128}, {240, 180}, {304, 240}, {346, 260}, {480, 360}, {640, 480}, {1280, 720}}

// SmallestSensor is the size of the smallest camera that has addresses up to x and
// y, for recordings that do not state it; of a sensor that is not known, what the
// addresses need.
func SmallestSensor(x, y int) (width, height int) {
	for _, s := range sensors {
		if x < s[0] && y < s[1] {
			return s[0], s[1]
		}
	}
	return x + 1, y + 1
}

// IsSensorEdge reports whether a camera has so many columns, or rows.
func IsSensorEdge(width, height int) bool {
	for _, s := range sensors {
		if width == s[0] || height == s[1] {
			return true
		}
	}
	return false
}

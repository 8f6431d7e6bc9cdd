// Package zones tells what tracks do with regard to places: which lines they cross,
// which zones they enter and leave, and when something is out of the ordinary. It
// also puts what a readout reports into the coordinates of the sensor and of the
// ground.
//
// # The life of a rule
//
// A readout embeds [Config] in its configuration and has one [Watch]. When a period
// ends, and the tracker has published, [Watch.Step] looks at the track of every
// object and appends what has become true:
//
//   - line_cross: the object's way crossed a line between its ends and is now
//     beyond the line by a margin, so that an object that trembles on the line counts
//     once. The way begins where the track was founded, before it was confirmed. Where
//     an object is not seen, its way is unknown: what stops before a line has not
//     crossed it, and what comes out of hiding behind it has.
//   - zone_enter, zone_leave, zone_dwell: the object came into a polygon, has left it
//     by a margin, has stayed for as long as asked.
//   - alarm_start, alarm_end: events of a zone come too fast or too slowly, a zone
//     holds too many or too few objects, an object moves in a forbidden direction.
//
// An object that comes to rest makes no events, and its track ends. The tracker gives
// it its id back when it moves again; until then lines and zones remember it by that
// id, zones for as long as their key hold says.
//
// # Coordinates
//
// Lines, zones and detections are in px of the sensor, whatever region, resolution or
// turn the encoder chose ([pipeline.View]). [Plane] adds metres.
package zones

package zones

import (
	"ganglion/internal/polygon"
	"ganglion/pipeline"
)

// visit takes an object's place with regard to a zone. To enter, its anchor must be
// inside; to leave, it must be outside by a margin.
func (w *Watch) visit(m *moment, z int, dst []pipeline.Detection) []pipeline.Detection {
	s, at := &m.f.stays[z], polygon.Point(m.at)
	in := w.zones[z].Holds(at)
	switch {
	case in && !s.in:
		*s = stay{in: true, since: m.end}
		w.occupants[z]++
		dst = append(dst, w.inZone(m, z, pipeline.ZoneEnter, 0))
	case !in && s.in && w.zones[z].Distance(at) >= m.margin:
		return w.leave(m, z, m.end, dst)
	}
	if s.in {
		dst = w.dwell(m, z, dst)
	}
	return dst
}

// leave ends an object's stay, which lasted until a time.
func (w *Watch) leave(m *moment, z int, until int64, dst []pipeline.Detection) []pipeline.Detection {
	s := &m.f.stays[z]
	w.occupants[z]--
	dst = append(dst, w.inZone(m, z, pipeline.ZoneLeave, max(until-s.since, 0)))
	*s = stay{}
	return dst
}

// dwell reports an object that has stayed for long, once.
func (w *Watch) dwell(m *moment, z int, dst []pipeline.Detection) []pipeline.Detection {
	s, long := &m.f.stays[z], w.cfg.Zones[z].Dwell.Microseconds()
	if long == 0 || s.told || m.end-s.since < long {
		return dst
	}
	s.told = true
	return append(dst, w.inZone(m, z, pipeline.ZoneDwell, m.end-s.since))
}

func (w *Watch) inZone(m *moment, z int, kind pipeline.Kind, dwell int64) pipeline.Detection {
	d := w.report(m, kind)
	d.Label, d.DwellUS, d.Occupancy = w.cfg.Zones[z].Name, dwell, w.occupants[z]
	return d
}

package motion

// block is what a block of the picture shows in a period.
type block struct{ known, with int }

// late is what a block has shown of late, leaky.
type late struct{ known, with float64 }

const (
	cameraBlocks = 8   // along each side of the sensor
	cameraActive = 12  // blocks with a flow, from which on the picture may flow
	cameraSpread = 12  // of 16 rows and columns of blocks
	cameraAgree  = .6  // share of them that must flow with it
	cameraLately = .97 // the same where a period shows too little, and what has been seen of late counts
	cameraKeep   = .8  // of what has been seen of late, from period to period
	cameraGain   = .5  // of the share of recent periods, when the picture flows as one
	cameraLoss   = .2  // when it does not
	cameraFade   = .05 // when nobody knows
	cameraRest   = .01 // what is less is 0
)

// judge tells by the blocks of a period whether the picture flows as one: blocks
// that agree with its flow in most rows and columns of blocks, and more of them
// than of others. Where a period shows too few, as when only the corners of a small
// sensor flow in a slow turn, what they have shown of late counts, if nearly all of it
// agrees. What shows little even so tells little.
func (c *camera) judge() (one bool) {
	now := 0
	for i, b := range c.blocks {
		l := &c.late[i]
		l.known = float64(cameraKeep*l.known) + float64(b.known)
		l.with = float64(cameraKeep*l.with) + float64(b.with)
		if b.known > 0 {
			now++
		}
	}
	lately, share, least := now < cameraActive && !c.gyro.ready, cameraAgree, cameraSpread
	if lately {
		share = cameraLately
	}
	if lately || c.gyro.ready { // what is older, or beside what a gyroscope tells, must be seen the better
		least++
	}
	active, agree := 0, 0
	var rows, columns [cameraBlocks]int
	for i, b := range c.blocks {
		known, with := float64(b.known), float64(b.with)
		if lately {
			known, with = c.late[i].known, c.late[i].with
		}
		if known < 1 {
			continue
		}
		active++
		if 2*with > known {
			agree++
			rows[i/cameraBlocks], columns[i%cameraBlocks] = 1, 1
		}
	}
	c.wide = active >= cameraActive
	spread := 0
	for i := range cameraBlocks {
		spread += rows[i] + columns[i]
	}
	one = spread >= least && active >= cameraActive && float64(agree) >= share*float64(active)
	switch {
	case one:
		c.share += float64(cameraGain * (1 - c.share))
	case active >= cameraActive:
		c.share -= float64(cameraLoss * c.share)
	default:
		c.share -= float64(cameraFade * c.share)
	}
	if c.share < cameraRest {
		c.share = 0
	}
	return one
}

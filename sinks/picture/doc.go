// Package picture paints accumulated events, and the boxes, tracks and
// velocities that were detected in them, as PNG pictures and GIF films; charts of
// sound and of the layers of a network; and figures of an evaluation.
//
// # The life of a picture
//
// A [Painter] keeps what its [Style] needs to know of each pixel. A [Film]
// feeds it with events in the order of a recording, cuts sensor time into
// windows, and shows a frame at the end of each: events, [Tracks], and a caption
// with the time. A PNG is a film of one frame, and a [GIF] takes the frames one
// by one.
//
//	painter, err := picture.New(picture.Config{Width: 320, Height: 240, Style: picture.Polarity, Window: 20_000}, nil)
//	...
//	film := picture.NewFilm(painter, start, end, func(frame *image.RGBA) error {
//		return png.Encode(out, frame)
//	})
//	err = film.Add(events)
//	...
//	err = film.Close()
//
// A [Chart] shows a signal over time instead: panels of values ([Heat]) and of
// spikes ([Raster]), such as the cochleagram of a sound and its code, and of
// curves ([Lines]), such as membranes. A [Tradeoff] shows how well words are told
// apart, a [Confusion] which classes are taken for which.
//
// # Limits
//
// Events must lie on the sensor. An event earlier than one before it counts as
// simultaneous with that one. A painter takes 4 to 16 bytes for each pixel of
// the sensor, four for each of the picture; a GIF two more for each of the
// picture, however long it gets.
package picture

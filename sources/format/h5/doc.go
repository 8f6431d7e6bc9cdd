// Package h5 reads and writes recordings in HDF5 files: those of event data
// sets, of Prophesee's software and of simulators, and what is laid out like
// them.
//
// # Layouts
//
// A file holds one or several tables of events; each is a stream. A table is
//
//	columns  a group with datasets of one axis and equal length, named x, y, t
//	         and p (or xy, of pairs), or xs, ys, ts and ps: DSEC, TUM-VIE, VECtor, M3ED,
//	         event_utils and E2VID, event-vision-library, EBSSA
//	records  a dataset of records with members of these names, or records within
//	         them that have some, or a pair xy: Prophesee
//	matrix   a dataset "events" of rows of four numbers: v2e and 3ET
//	         (t, x, y, p), MVSEC (x, y, t, p); [format.Options].Columns names
//	         another order
//
// and beside it, where they are there, what is added to all times (t_offset),
// the sensor's size, and Prophesee's external triggers. Whatever the types are,
// integers or floats, is read.
//
//	layout                 where                              times
//	DSEC, TUM-VIE, VECtor  /events/{x,y,t,p}, /t_offset        µs
//	M3ED                   /prophesee/{left,right}/{x,y,t,p}   µs
//	MVSEC                  /davis/{left,right}/events          s since 1970
//	Prophesee              /CD/events, /EXT_TRIGGER/events     µs
//	event_utils, E2VID     /events/{xs,ys,ts,ps}               s
//	event-vision-library   /raw_events/{x,y,t,p}               s
//	v2e, 3ET               /events                             µs
//	EBSSA (MATLAB 7.3)     /REC/TD/{x,y,ts,p}, from pixel 1    µs
//
// Times of integers are µs. Times of floats are s where the names or the path
// say so (ts, raw_events, davis) or the values have fractions, else µs; an
// attribute unit or units of the times is heeded, and Options.Columns may name the
// unit, as in "t[ns],x,y,p". A polarity above 0 is on, but for the largest value of
// an unsigned type, which is -1.
//
// # Damage
//
// A stretch of a column that cannot be read (damaged_chunk) or was never
// written (unwritten_chunk) costs the events of that stretch, which are
// counted, and nothing else. Columns of unequal length end with the shortest
// (missing_value); a value that no event has, such as a negative column or a
// time that is not a number, costs its event (impossible_value). A file that
// says it is longer than it is, is refused.
//
// # What is written
//
// hdf5 writes DSEC's layout, with width and height as attributes of the root,
// shuffled and deflated; hdf5-prophesee and hdf5-ecf Prophesee's, as it is or
// packed by ECF. See the files of that name.
package h5

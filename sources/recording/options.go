package recording

// Options describe how a recording is to be read. The zero value leaves everything
// to the recording.
type Options struct {
	Format        string // name in [Formats]; "" recognises it by its content
	Width, Height int    // replace the header's sensor size, px; 0 keeps it
	// Columns is the order of a text file's columns, such as "t[s],x,y,p", with
	// - for one that is not wanted; "" finds it out.
	Columns string
	// Stream is the name of the stream of events to read, of a recording that
	// has several, see [StreamInfo]; "" leaves it to the format.
	Stream string
	// Chip is the one whose addresses the recording has, where it names none or one that is not known (AEDAT 2).
	Chip string
	// Strict makes the first damage an error, a [DamageError].
	Strict bool

	// Ascending makes times ascend where the camera's clock steps, see clock.go:
	// what comes after a step back follows what was before it, and single
	// events at far times are dropped, unless Outliers is set. Both are counted
	// (clock_step, time_outlier), and [Reader.Restore] gives the file's times.
	Ascending, Outliers bool

	// Parallel decodes on all cores where the format allows it (EVT2, EVT3)
	// and, in [Open], the file is long enough, with the same result. The reader then has goroutines, which end with
	// Close, reads up to 1 MiB ahead, and exchanges the memory of the blocks
	// that it is given, which should be of one capacity. Strict excludes it.
	Parallel bool

	Live bool // what has arrived so far may decide about the format
}

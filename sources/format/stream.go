package format

import (
	"fmt"
	"strings"

	"ganglion/pipeline"
)

// Stream is what a decoder works on.
type Stream struct {
	In      *Input
	Info    Info
	Columns string // as in [Options]
	Want    string // name of the stream to read, as in [Options]; see Choose
	Chip    string // as in [Options]
	Live    bool   // as in [Options]
	Damage  pipeline.DamageReport
}

// Size takes the sensor size that the header states, unless the options do.
func (s *Stream) Size(width, height int) {
	if s.Info.Width == 0 {
		s.Info.Width = width
	}
	if s.Info.Height == 0 {
		s.Info.Height = height
	}
}

// StreamInfo is one of several streams in a recording, such as a camera or a
// topic.
type StreamInfo struct {
	Name          string `json:"name"`             // as --stream takes it
	Alias         string `json:"source,omitempty"` // another name, such as the camera's; --stream takes it if it is the only one
	Kind          string `json:"kind"`             // [StreamEvents], or the format's own word
	Detail        string `json:"detail,omitempty"`
	Width, Height int    `json:"-"` // px; 0 when the recording does not say
	// Read reports that this stream's events are delivered.
	Read bool `json:"read"`
	// Unread counts the elements of the stream that were met and not
	// delivered: it grows while the recording is read.
	Unread uint64 `json:"unread,omitempty"`
}

// StreamEvents is the kind of a stream of address events.
const StreamEvents = "events"

// Choose lists the streams of a recording and marks the one whose events are
// delivered: the one that the options name, or preferred, an index; -1 where
// none can be. It takes the sensor's size from it.
func (s *Stream) Choose(streams []StreamInfo, preferred int) (int, error) {
	s.Info.Streams = streams
	if s.Want != "" {
		preferred = -1
		for i := range streams {
			if streams[i].Name == s.Want && streams[i].Kind == StreamEvents {
				preferred = i
			}
		}
		for i := range streams {
			if preferred < 0 && streams[i].Alias == s.Want && streams[i].Kind == StreamEvents && aliases(streams, s.Want) == 1 {
				preferred = i
			}
		}
		if preferred < 0 {
			return -1, fmt.Errorf("has no stream of events %q (%s)", s.Want, streamNames(streams))
		}
	}
	if preferred >= 0 {
		streams[preferred].Read = true
		s.Size(streams[preferred].Width, streams[preferred].Height)
	}
	return preferred, nil
}

// NotRead counts elements of a stream that were met and not delivered.
func (s *Stream) NotRead(name string, n uint64) {
	for i := range s.Info.Streams {
		if s.Info.Streams[i].Name == name {
			s.Info.Streams[i].Unread += n
			return
		}
	}
	if len(s.Info.Streams) < maxStreams {
		s.Info.Streams = append(s.Info.Streams, StreamInfo{Name: name, Kind: StreamEvents, Unread: n})
	}
}

// maxStreams bounds the streams that a recording without a list of them is
// believed to have.
const maxStreams = 256

// aliases counts the streams of events with another name.
func aliases(streams []StreamInfo, alias string) (n int) {
	for i := range streams {
		if streams[i].Kind == StreamEvents && streams[i].Alias == alias {
			n++
		}
	}
	return n
}

// streamNames lists the streams of events for a message.
func streamNames(streams []StreamInfo) string {
	var names []string
	for i := range streams {
		if streams[i].Kind == StreamEvents {
			names = append(names, strings.TrimRight(streams[i].Name+" "+streams[i].Alias, " "))
		}
	}
	if len(names) == 0 {
		return "it has none"
	}
	return "it has " + strings.Join(names, ", ")
}

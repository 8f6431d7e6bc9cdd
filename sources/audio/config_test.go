package audio

import "testing"

func TestARecorderGivesRawSoundThatTheServerKnows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		format, encoding string
		channels         int
		want             string
	}{
		{formatRaw, "s16le", 1, ""}, {formatAuto, "s16le", 1, ""}, {formatRaw, "f32le", 2, ""},
		{"wav", "s16le", 1, "format: a recorder gives raw sound, not wav"},
		{formatRaw, "s24le", 1, "raw: the sound server does not know the encoding s24le"},
		{formatAuto, "s16le", 3, "raw: 3 channels cannot be recorded, 1 or 2 can"},
	} {
		config := defaults(pulseScheme)
		config.Format, config.Raw.Encoding, config.Raw.Channels = c.format, c.encoding, c.channels
		got := ""
		if err := config.Validate(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%+v: error %q", c, got)
		}
	}
}

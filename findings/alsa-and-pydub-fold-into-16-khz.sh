#!/usr/bin/env bash
# Finding: two common ways to 16 kHz have no low-pass filter. ALSA's plug (plughw) converts the
#   rate by linear interpolation wherever the package libasound2-plugins is not installed, which
#   alsa-utils and libasound2 only suggest, and says nothing. pydub's set_frame_rate does the
#   same always. A tone of 11 kHz at 48 kHz, which 16 kHz cannot hold, comes out as a tone of
#   5 kHz, not one decibel softer. With ALSA's plugin it is gone.
# Seen with: Debian 12, libasound2 1.2.8-1, alsa-utils 1.2.8-1, libasound2-plugins 1.2.7.1-1,
#   python3-pydub 0.24.1-1
# Expected by most: a conversion to a lower rate that takes out what the new rate cannot hold,
#   as sox, ffmpeg, PulseAudio and PipeWire do.
# Matters to: makers of wake words. A USB microphone that knows 48 kHz only, recorded by
#   `arecord -D plughw:1,0 -r 16000` on a small Debian, folds hiss, switching regulators and the
#   upper half of every "s" into the voice; clips cut with pydub have it in the training data.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python=/usr/bin/python3
apt-get update -qq >/dev/null 2>&1 || true
{ command -v arecord && command -v $python; } >/dev/null ||
  apt-get install -y -qq --no-install-recommends alsa-utils python3 >/dev/null 2>&1
# Unpacked here, so that the plugin is there for one run and not for the other.
apt-get download -qq libasound2-plugins libspeexdsp1 python3-pydub=0.24.1-1 >/dev/null 2>&1
for p in ./*.deb; do dpkg -x "$p" .; done
lib=$(dirname "$(find "$PWD/usr/lib" -name 'libspeexdsp.so.1')")
mkdir none

cat >alsa.conf <<CONF
pcm.microphone { type file slave.pcm { type null } file "/dev/null" infile "$dir/tone.raw" format raw }
pcm.plugged { type plug slave { pcm microphone rate 48000 format S16_LE channels 1 } }
CONF
$python - <<'PY'
import array, math
array.array('h', [round(16000 * math.sin(2 * math.pi * 11000 * i / 48000)) for i in range(480000)]).tofile(open('tone.raw', 'wb'))
PY
record() { # to a file, with the plugins of a folder: one second at 16 kHz
  ALSA_CONFIG_PATH="$dir/alsa.conf" ALSA_PLUGIN_DIR="$2" LD_LIBRARY_PATH="$lib" \
    arecord -q -D plugged -t raw -f S16_LE -r 16000 -c 1 -s 16000 "$1"
}
record linear.raw "$dir/none"
record plugin.raw "$lib/alsa-lib"
PYTHONPATH="$dir/usr/lib/python3/dist-packages" $python -W ignore - <<'PY'
import array, cmath, math, statistics, sys
from pydub import AudioSegment

sound = AudioSegment(data=open('tone.raw', 'rb').read(), sample_width=2, frame_rate=48000, channels=1)
samples = {name: array.array('h', open(name + '.raw', 'rb').read()) for name in ('linear', 'plugin')}
samples['pydub'] = sound.set_frame_rate(16000).get_array_of_samples()

def level(of, hertz):
    """The amplitude of a tone as a share of what went in: the median of pieces of 10 ms at 16 kHz."""
    turn = [cmath.exp(-2j * math.pi * hertz * i / 16000) for i in range(160)]
    pieces = [of[at:at + 160] for at in range(4000, 12000, 160)]
    return statistics.median(abs(sum(s * w for s, w in zip(piece, turn))) * 2 / 160 / 16000 for piece in pieces)

folded = {name: level(of, 5000) for name, of in samples.items()}
print("a tone of 11 kHz, brought from 48 to 16 kHz; what is at 5 kHz, as a share of it:")
print("ALSA's plug alone %.3f, with libasound2-plugins %.3f, pydub %.3f" % (folded['linear'], folded['plugin'], folded['pydub']))
if not (folded['linear'] > .99 and folded['pydub'] > .99 and folded['plugin'] < .01):
    sys.exit("CHANGED: want 1, 0 and 1")
PY

#!/usr/bin/env bash
# Finding: a clip that goes through a WAV file of IMA or MS ADPCM comes back longer, filled up
#   to a whole block with samples that nobody recorded: up to 504 with SoX's blocks at 16 kHz
#   (31 ms), 2,000 and more with ffmpeg's (127 ms). SoX writes the true length into the chunk
#   `fact`, and neither SoX nor ffmpeg looks at it when it reads; ffmpeg writes the length of
#   the blocks there. Of a sound that ends loud what is added begins with a step and rings.
# Seen with: Debian's sox 14.4.2+git20190427 and ffmpeg 5.1
# Expected by most: the length that went in: that is what the chunk `fact` is for.
# Matters to: whoever keeps clips of words as ADPCM to save space (voice recorders, telephones,
#   data sets) and cuts, joins or trains with them: labels slip by up to an eighth of a second
#   a clip, and every clip ends with the same artefact, which a network can learn.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
command -v sox >/dev/null && command -v ffmpeg >/dev/null ||
  (apt-get update -qq && apt-get install -y -qq --no-install-recommends sox ffmpeg) >/dev/null 2>&1
sox -D -r 16000 -n -r 16000 -b 16 plain.wav synth 0.0625 square 400 gain -6 # 1,000 samples
sox -D plain.wav -e ima-adpcm sox-ima.wav
ffmpeg -v error -i plain.wav -c:a adpcm_ima_wav ffmpeg-ima.wav
ffmpeg -v error -i plain.wav -c:a adpcm_ms ffmpeg-ms.wav
cat >length.py <<'PY'
import struct, subprocess

def stated(path):
    data = open(path, 'rb').read()
    at = data.index(b'fact')
    return struct.unpack_from('<I', data, at + 8)[0]

def samples(*command):
    return len(subprocess.run(command, check=True, capture_output=True).stdout) // 2

grown = 0
for path in ('sox-ima.wav', 'ffmpeg-ima.wav', 'ffmpeg-ms.wav'):
    sox = samples('sox', '-D', path, '-t', 'raw', '-e', 'signed', '-b', '16', '-')
    ffmpeg = samples('ffmpeg', '-v', 'error', '-i', path, '-f', 's16le', '-')
    print("%-15s went in 1000, fact says %d, sox reads %d, ffmpeg reads %d" % (path, stated(path), sox, ffmpeg))
    grown += sox > 1000 and ffmpeg > 1000
assert grown == 3, "this has changed"
assert (stated('sox-ima.wav'), stated('ffmpeg-ima.wav')) == (1000, 2041), "this has changed"
PY
python3 length.py

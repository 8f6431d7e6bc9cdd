#!/usr/bin/env bash
# Finding: a WAV of 24 bits in containers of 4 bytes, as `arecord -f S24_LE` records, is
#   read by sox and by ffmpeg without a word, and neither gives what is in it: sox takes
#   the bytes for a stream of 3-byte samples (a third longer, at full scale), ffmpeg takes
#   them for floating point of 24 bits (pcm_f24le) and gives silence.
# Seen with: Debian's sox 14.4.2, ffmpeg 5.1
# Expected by most: the sine of half the full scale that was written, or a refusal. The
#   header says it all: 24 bits a sample, 4 bytes a frame of one channel.
# Matters to: makers of wake words and sound detectors on a Raspberry Pi: many I2S
#   microphones record in S24_LE alone, and the clips that sox or ffmpeg convert for
#   training are then noise or silence.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
need=()
for p in sox ffmpeg python3; do command -v $p >/dev/null || need+=("$p"); done
[ ${#need[@]} = 0 ] || (apt-get update -qq && apt-get install -y -qq --no-install-recommends "${need[@]}") >/dev/null 2>&1
python3 - <<'PY'
import math, struct
n = 16000
data = b''.join(struct.pack('<i', round(math.sin(i * .17) * .5 * (1 << 23))) for i in range(n))
fmt = struct.pack('<HHIIHH', 1, 1, 16000, 16000 * 4, 4, 24)
body = b'WAVE' + b'fmt ' + struct.pack('<I', len(fmt)) + fmt + b'data' + struct.pack('<I', len(data)) + data
open('s24.wav', 'wb').write(b'RIFF' + struct.pack('<I', len(body)) + body)
PY
sox s24.wav -n stat 2>&1 | grep -E 'Maximum amplitude|Length' || true
peak_sox=$(sox s24.wav -n stat 2>&1 | awk '/Maximum amplitude/ { print $3 }')
ffmpeg -hide_banner -i s24.wav -f f32le out.f32 2>&1 | grep -m1 'Audio:' || true
peak_ffmpeg=$(python3 -c "
import struct
b = open('out.f32', 'rb').read()
print(max(struct.unpack('<%df' % (len(b) // 4), b[:len(b) // 4 * 4])))")
echo "peak written .5; sox reads $peak_sox; ffmpeg reads $peak_ffmpeg"
python3 -c "
import sys
sox, ffmpeg = float('$peak_sox'), float('$peak_ffmpeg')
if abs(sox - .5) < .01 or abs(ffmpeg - .5) < .01:
    sys.exit('CHANGED: one of them reads it right')"

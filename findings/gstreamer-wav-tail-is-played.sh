#!/usr/bin/env bash
# Finding: a WAV that GStreamer's wavenc sends down a pipe ends with 12 bytes which sox,
#   ffmpeg and Python's wave module all play: 6 samples of 16 bits that nobody recorded.
#   wavenc states 0x7fff0000 bytes of sound, cannot go back to correct it, and appends an
#   empty LIST chunk all the same, behind a length that reaches over it.
# Seen with: Debian's gstreamer1.0 1.22.0, sox 14.4.2, ffmpeg 5.1, Python 3.11
# Expected by most: as many samples as were sent: a writer that cannot seek writes no
#   chunk behind the sound, or a reader stops before it.
# Matters to: whoever pipes a microphone from GStreamer into a detector or cuts clips for
#   training: each ends in a click ("LIST" and "INFO" as samples are a third to two thirds
#   of the full scale), where an onset detector or a keyword's end is being looked for.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
need=()
for p in sox ffmpeg python3; do command -v $p >/dev/null || need+=("$p"); done
{ command -v gst-launch-1.0 && gst-inspect-1.0 --exists wavenc && gst-inspect-1.0 --exists audiotestsrc; } >/dev/null ||
  need+=(gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good)
[ ${#need[@]} = 0 ] || (apt-get update -qq && apt-get install -y -qq --no-install-recommends "${need[@]}") >/dev/null 2>&1

# 10 buffers of 160 samples; the pipe is what keeps wavenc from seeking.
gst-launch-1.0 -q audiotestsrc num-buffers=10 samplesperbuffer=160 ! audio/x-raw,rate=16000,channels=1,format=S16LE ! \
  wavenc ! fdsink fd=1 2>/dev/null | cat >piped.wav || true # it reports that it cannot seek
echo "sent: 1600 samples; the file ends with:"
tail -c 16 piped.wav | od -An -c
sox=$(($(sox piped.wav -t raw - 2>/dev/null | wc -c) / 2))
ffmpeg=$(($(ffmpeg -v error -i piped.wav -f s16le - | wc -c) / 2))
python=$(python3 -c "
import wave
w = wave.open('piped.wav')
print(len(w.readframes(w.getnframes())) // 2)")
echo "samples by sox $sox, by ffmpeg $ffmpeg, by Python's wave $python"
[ "$sox $ffmpeg $python" = "1606 1606 1606" ] || { echo "CHANGED: want 1606 from each"; exit 1; }

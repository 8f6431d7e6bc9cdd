#!/usr/bin/env bash
# Finding: of messages that were received at the same time, a ROS 1 bag that is read with
#   rosbag.Bag.read_messages gives those of one topic first and then those of the next,
#   whatever the order in which they were written. Four messages written b, a, b, a come
#   as b, b, a, a. The file has the order: a reader that goes through its chunks sees it.
# Seen with: Debian's python3-rosbag 1.15.15
# Expected by most: messages of the same time in the order in which they were written.
# Matters to: whoever plays event cameras from bags of simulators (ESIM stamps all topics with
#   the time of the simulation) or of drivers that stamp a packet of events and its triggers
#   or IMU samples alike: what was written before the events may come after them.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python=/usr/bin/python3
$python -c 'import rosbag, std_msgs' 2>/dev/null ||
  (apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-rosbag python3-std-msgs) >/dev/null 2>&1
cat >order.py <<'PY'
import struct
import rosbag, genpy
from std_msgs.msg import Int32

written = [('/trigger', 0), ('/events', 1), ('/trigger', 2), ('/events', 3)]
with rosbag.Bag('same.bag', 'w') as bag:
    for topic, number in written:
        bag.write(topic, Int32(number), genpy.Time(5, 0))
read = [(topic, message.data) for topic, message, _ in rosbag.Bag('same.bag').read_messages()]

def records(data):
    """The records of a bag or of a chunk: fields and content."""
    at = 0
    while at < len(data):
        size = struct.unpack_from('<I', data, at)[0]
        head, fields, k = data[at + 4:at + 4 + size], {}, 0
        while k < len(head):
            n = struct.unpack_from('<I', head, k)[0]
            name, _, value = head[k + 4:k + 4 + n].partition(b'=')
            fields[name], k = value, k + 4 + n
        at += 4 + size
        size = struct.unpack_from('<I', data, at)[0]
        yield fields, data[at + 4:at + 4 + size]
        at += 4 + size

in_file = [struct.unpack('<i', content)[0]
           for fields, chunk in records(open('same.bag', 'rb').read()[len('#ROSBAG V2.0\n'):]) if fields[b'op'] == b'\x05'
           for inner, content in records(chunk) if inner[b'op'] == b'\x02']
print("written:", written)
print("the file has:", in_file)
print("read_messages gives:", read)
assert in_file == [0, 1, 2, 3]
assert read == [('/trigger', 0), ('/trigger', 2), ('/events', 1), ('/events', 3)], "this has changed"
PY
$python order.py

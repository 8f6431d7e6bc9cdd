"""Bags as ROS 1's own rosbag writes them, and databases as SQLite does, for the tests of sources/format/ros.

  bag_files.py DIR   event i is at column 7i % 200, row 13i % 150, time 1000 + 37i us,
                     on where i // 3 is odd; the sensor is 240x180
"""

import sqlite3
import struct
import sys

import genpy
import rosbag
from genpy.dynamic import generate_dynamic

N = 3000
EVENTS = [(1000 + 37 * i, i * 7 % 200, i * 13 % 150, i // 3 % 2) for i in range(N)]
LINE = "=" * 80 + "\n"
HEADER = LINE + "MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n"
USUAL = "uint16 x\nuint16 y\ntime ts\nbool polarity\n"
OLD = "uint16 x\nuint16 y\nuint64 time\nbool polarity\n"
SINCE = 1500000000  # s: times of old bags are Unix time, ns


def types(package, event):
    text = "Header header\nuint32 height\nuint32 width\n%s/Event[] events\n" % package + HEADER + LINE + "MSG: %s/Event\n" % package + event
    made = generate_dynamic(package + "/EventArray", text)
    return made[package + "/EventArray"], made[package + "/Event"]


def arrays(bag, topic, package, event=USUAL, events=EVENTS, most=250):
    Array, Event = types(package, event)
    for first in range(0, len(events), most):
        m = Array(width=240, height=180)
        for t, x, y, p in events[first : first + most]:
            e = Event(x=x, y=y, polarity=bool(p))
            if event is OLD:
                e.time = SINCE * 10**9 + t * 1000
            else:
                e.ts = genpy.Time(t // 1000000, t % 1000000 * 1000)
            m.events.append(e)
        bag.write(topic, m, genpy.Time(1, first))


def image(bag, topic):
    text = "Header header\nuint32 height\nuint32 width\nstring encoding\nuint8 is_bigendian\nuint32 step\nuint8[] data\n" + HEADER
    m = generate_dynamic("sensor_msgs/Image", text)["sensor_msgs/Image"](width=4, height=2, encoding="mono8", step=4, data=bytes(8))
    bag.write(topic, m, genpy.Time(1, 0))


def bags(folder):
    for name, package, event, options in (
        ("none", "dvs_msgs", USUAL, {}),
        ("bz2", "dvs_msgs", USUAL, {"compression": "bz2"}),
        ("lz4", "dvs_msgs", USUAL, {"compression": "lz4", "chunk_threshold": 4096}),
        ("prophesee", "prophesee_event_msgs", USUAL, {"chunk_threshold": 1024}),
        ("laboratory", "lab_msgs", "uint8 OFF=0\n" + USUAL + "float32 weight\n", {}),
        ("since_old", "dvs_msgs", OLD, {}),
    ):
        with rosbag.Bag("%s/%s.bag" % (folder, name), "w", **options) as bag:
            image(bag, "/camera/image_raw")
            arrays(bag, "/dvs/events", package, event)
    with rosbag.Bag(folder + "/cameras.bag", "w", compression="lz4") as bag:
        arrays(bag, "/left/events", "dvs_msgs")
        arrays(bag, "/right/events", "dvs_msgs", events=EVENTS[:10])
    with rosbag.Bag(folder + "/refused_images.bag", "w") as bag:
        image(bag, "/camera/image_raw")


def cdr(events):
    b = bytearray(b"\0\1\0\0")

    def put(kind, v):
        while (len(b) - 4) % struct.calcsize(kind):
            b.append(0xA5)
        b.extend(struct.pack("<" + kind, v))

    for v in 3, 4, 4:
        put("I", v)
    b.extend(b"cam\0")
    for v in 180, 240, len(events):
        put("I", v)
    for t, x, y, p in events:
        put("H", x), put("H", y), put("i", t // 1000000), put("I", t % 1000000 * 1000), put("B", p)
    return bytes(b)


def databases(folder):
    for name, qos, pages in ("foxy", "", 4096), ("humble", ", offered_qos_profiles TEXT NOT NULL DEFAULT ''", 512):
        db = sqlite3.connect("%s/%s.db3" % (folder, name))
        db.execute("PRAGMA page_size=%d" % pages)
        db.execute("CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, serialization_format TEXT NOT NULL%s)" % qos)
        db.execute("CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, timestamp INTEGER NOT NULL, data BLOB NOT NULL)")
        db.execute("CREATE INDEX timestamp_idx ON messages (timestamp ASC)")
        db.execute("INSERT INTO topics(name, type, serialization_format) VALUES ('/tf', 'tf2_msgs/msg/TFMessage', 'cdr')")
        db.execute("INSERT INTO topics(name, type, serialization_format) VALUES ('/dvs/events', 'dvs_msgs/msg/EventArray', 'cdr')")
        for first in range(0, N, 250):
            db.execute("INSERT INTO messages(topic_id, timestamp, data) VALUES (1, ?, ?)", (first, bytes(100)))
            db.execute("INSERT INTO messages(topic_id, timestamp, data) VALUES (2, ?, ?)", (first, cdr(EVENTS[first : first + 250])))
        db.commit()
        db.close()


bags(sys.argv[1])
databases(sys.argv[1])

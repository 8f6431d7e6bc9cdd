package ros

// builtin are the definitions of types that a recording may name without
// defining: databases of ROS 2 hold none before its release Iron. Sources:
// event_camera_msgs, event_array_msgs, dvs_msgs, prophesee_event_msgs, sensor_msgs.
var builtin = map[string]string{
	"builtin_interfaces/Time":         "int32 sec\nuint32 nanosec\n",
	"std_msgs/Header":                 "builtin_interfaces/Time stamp\nstring frame_id\n",
	"geometry_msgs/Vector3":           "float64 x\nfloat64 y\nfloat64 z\n",
	"geometry_msgs/Quaternion":        "float64 x\nfloat64 y\nfloat64 z\nfloat64 w\n",
	"event_camera_msgs/EventPacket":   packet,
	"event_array_msgs/EventArray":     packet,
	"dvs_msgs/Event":                  element,
	"dvs_msgs/EventArray":             events,
	"prophesee_event_msgs/Event":      element,
	"prophesee_event_msgs/EventArray": events,
	"sensor_msgs/Imu": "std_msgs/Header header\n" +
		"geometry_msgs/Quaternion orientation\nfloat64[9] orientation_covariance\n" +
		"geometry_msgs/Vector3 angular_velocity\nfloat64[9] angular_velocity_covariance\n" +
		"geometry_msgs/Vector3 linear_acceleration\nfloat64[9] linear_acceleration_covariance\n",
}

// builtin1 are those that ROS 1 has otherwise: its tools may leave out the
// definitions that a definition uses.
var builtin1 = map[string]string{"std_msgs/Header": "uint32 seq\ntime stamp\nstring frame_id\n"}

const (
	packet = "std_msgs/Header header\nuint32 height\nuint32 width\nuint64 seq\nuint64 time_base\nstring encoding\n" +
		"bool is_bigendian\nuint8[] events\n"
	element = "uint16 x\nuint16 y\nbuiltin_interfaces/Time ts\nbool polarity\n"
	events  = "std_msgs/Header header\nuint32 height\nuint32 width\nEvent[] events\n"
)

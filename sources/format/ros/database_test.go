package ros

import "ganglion/internal/sqlite/sqlitetest"

// databaseOf makes a bag of ROS 2: topics and messages.
func databaseOf(topics []bagTopic, messages []sent) []byte {
	t := sqlitetest.Table{Name: "topics", SQL: "CREATE TABLE topics(id INTEGER PRIMARY KEY,name TEXT NOT NULL,type TEXT NOT NULL," +
		"serialization_format TEXT NOT NULL)"}
	for _, topic := range topics {
		t.Rows = append(t.Rows, []any{nil, topic.name, topic.kind, "cdr"})
	}
	m := sqlitetest.Table{Name: "messages", SQL: "CREATE TABLE messages(id INTEGER PRIMARY KEY,topic_id INTEGER NOT NULL," +
		"timestamp INTEGER NOT NULL, data BLOB NOT NULL)"}
	for i, message := range messages {
		m.Rows = append(m.Rows, []any{nil, int64(message.conn + 1), int64(i) * 1000, message.data})
	}
	return sqlitetest.File(m, t)
}

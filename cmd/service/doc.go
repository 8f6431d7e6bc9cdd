// Package service keeps the pipelines of a process running: it assembles them
// from their configurations, restarts what has failed, and ends when all have
// ended.
//
// A pipeline that fails disturbs no other. Every run that was is accounted for
// at the end.
package service

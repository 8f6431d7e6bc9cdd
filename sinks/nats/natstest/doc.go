// Package natstest helps tests to look at what arrives on NATS: a subscriber
// that keeps every detection ([Subscribe]), and a nats-server in a process of
// its own ([StartServer]).
package natstest

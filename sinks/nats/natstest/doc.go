// Package natstest helps tests to look at what arrives on NATS: a subscriber
// that keeps every detection ([Subscribe]), a nats-server in a process of its own
// ([StartServer]) or in this one ([RunServer]), and certificates
// ([NewAuthority]).
package natstest

//go:build !amd64

package bptt

func setFast(bool) bool { return false }

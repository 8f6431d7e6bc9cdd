// Package small holds formats of one record after the other: DAT, Event Stream, N-MNIST and slayer.
package small

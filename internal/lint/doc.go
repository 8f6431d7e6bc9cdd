// Package lint holds the project's source to promises that the compiler does
// not know; its tests are the rules:
//
//   - What reaches a spike, a weight or a detection uses package portable for
//     elementary functions: calls to those of package math are refused outside
//     a list of files that reach none.
//   - No package changes the process, such as where the standard logger writes
//     or who handles a signal: the program does, which is package cmd.
//   - No library code makes a context of its own: the caller's context ends
//     everything that was started for it.
package lint

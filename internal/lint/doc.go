// Package lint holds the project's source to promises that the compiler does
// not know; its tests are the rules:
//
//   - What reaches a spike, a weight or a detection uses package portable for
//     elementary functions: calls to those of package math are refused outside
//     a list of files that reach none.
//   - No package changes the process, such as where the standard logger writes
//     or who handles a signal: the program does, which is package cmd.
//   - A package imports what its room may, and no more (testdata/imports.txt
//     lists every arrow).
//   - Words are those of the glossary in CONTRIBUTING.md; lines, files and
//     folders have a size; docs/architecture.md has a row for every folder.
//   - A name is exported for another package of the module, its tests, an
//     example, or the program in testdata/embedding.
//   - No library code makes a context of its own: the caller's context ends
//     everything that was started for it.
package lint

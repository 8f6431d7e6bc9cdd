// Package scenes runs pipelines on simulated scenes, and on recordings that have
// their truth beside them, and puts side by side how each did: what `eval motion`
// does with configurations. A take ([Take]) is one recording; the takes of a scene,
// by several seeds, are one row of a table ([WriteMarkdown]).
package scenes

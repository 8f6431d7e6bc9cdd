// Package score holds detections against what was there: motion against ground
// truth, words against utterances, classes against labels.
//
// # Words
//
// [Words] counts misses and false accepts of a word, stream by stream, and
// [Words.Result] gives both with 95 % intervals (Wilson 1927, Garwood 1936) and
// the time from the end of an utterance to its detection.
//
// # What is scored of motion
//
// A recording is judged every 10 ms (see periodUS), at the times of its
// truth. Boxes are the detections of kind motion_start and motion_update in
// state confirmed or coasting: what a subscriber would draw. A coasting box is
// a claim like any other; it is right where the object is and wrong where it is
// not. Detections of other kinds or states, and those between two instants, do
// not count; of several with one track id at one instant the last counts.
//
// An object counts at an instant when it made at least minEvents events of
// its own in the 20 ms before. At other instants it is ignored: it cannot be
// missed, and a box on it is neither right nor wrong.
//
// # How
//
// At each instant boxes and counting objects are paired one to one with
// intersection over union (IoU) of at least minIoU, so that the pairs are
// as many as possible, then as many as possible resume from the instant
// before, then overlap most (Hungarian algorithm). Pairs are true positives.
//
// Sources: MOTA and switches after Bernardin and Stiefelhagen 2008, IDF1 after
// Ristani et al. 2016, average precision after Pascal VOC 2010.
//
// # Caveats
//
// The truth states how many events an object made, not when it made the tenth,
// so [Result.FirstBoxMS] counts from the begin of that period and is up to 10
// ms too long, never too short.
package score

// Package exam judges classifiers: a network from a NIR file against labelled
// recordings.
//
// # The life of a sample
//
// [Find] lists the samples of a folder or a list with their labels, [Labels]
// says which output stands for which label, and [Run] takes the samples through
// the network, several at a time, and sums up a [Report]: the accuracy with its
// interval (Wilson), the confusion matrix, each class's precision and recall,
// spikes, sparsity, synaptic operations and energy by NeuroBench's definitions
// (Yik et al. 2025), and the time a sample took.
//
//	samples, err := exam.Find("nmnist/train", "")
//	report, err := exam.Run(ctx, lowered, samples, names, read, exam.Config{Workers: 4})
//
// # Layouts
//
//   - A folder of folders: a recording belongs to the class that its folder is
//     named for, at any depth (N-MNIST, N-Caltech101, N-CARS as unpacked). Text
//     (.csv, .txt) is taken for recordings where it holds rows of events and no
//     other recordings lie beside it.
//   - DVS128 Gesture: recordings NAME.aedat beside NAME_labels.csv, whose rows
//     are class,start,end in µs: each row is a sample.
//   - A list: a text file of recordings, one a line, relative to it, with the
//     label behind a comma, tab or space or in the folder's name
//     (trials_to_test.txt of DVS128 Gesture).
//   - NIRData (.nird) with several samples; a file of labels names each.
//
// # What is held
//
// Every sample starts from rest, so neither the order nor the number of workers
// changes a report, its times aside. A recording that cannot be read is counted
// and named, and costs no other. A network that stays silent has decided
// nothing, which counts as wrong.
package exam

// Package baseline is the classical way to detect motion, as a baseline for the
// spiking one: density clusters of filtered events ([Component], readout
// "dbscan"), followed by the same tracker as the motion readout's.
//
// # The life of an event
//
// The encoder filters events by neighbour count (STCF, Guo & Delbruck 2022) and
// network "pass" hands them on. At the end of each period the readout clusters
// the events of the last `window`, its key, with DBSCAN (Ester et al. 1996): an event with
// at least MinPoints events within Eps of it, itself included, is a core; cores
// within Eps of each other are one cluster, and events within Eps of a core
// belong to the core's cluster, that of the earliest such core. Each cluster's
// box corrects the track that is nearest, or starts one.
//
// # Caveats
//
// Clusters know no direction, so objects that touch become one, and a velocity
// comes from the displacement of boxes alone.
package baseline

// Package labels writes detections as tables and as the labels of other tools, and
// reads labels as ground truth.
//
//   - CSV: a row a detection, a column a field of [pipeline.Fields]; what a record lacks
//     is empty.
//   - MOT: the text of the MOTChallenge, "frame,id,left,top,width,height,confidence,-1,
//     -1,-1". Frames count from 1; frame k of a sequence of r frames per second is at k/r
//     seconds of sensor time. Places count from 1.
//   - COCO: one JSON document of images, annotations and categories. An image is an
//     instant.
//
// MOT and COCO hold boxes, so that only motion_start and motion_update are written.
package labels

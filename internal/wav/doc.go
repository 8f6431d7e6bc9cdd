// Package wav writes sound as WAV files. Package sources/audio reads them, and
// every other form of sound.
//
//	wav.Write(w, wav.Format{Rate: 16000, Channels: 1, Encoding: wav.Smallest(pcm)}, pcm)
//
// # Form
//
//	0   "RIFF", size of all that follows u32, "WAVE"
//	12  "fmt ", size u32: tag u16 (1 integers, 3 floats), channels u16, rate u32,
//	    bytes/s u32, bytes of a frame u16, bits u16; floats: 0 u16
//	    floats: "fact", 4 u32, frames u32
//	    "data", size u32, samples, little-endian
package wav

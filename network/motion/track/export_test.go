package track

// Tail turns a confidence back into the Poisson tail it was made from.
func Tail(confidence float64) float64 {
	for i := 1; i < len(calibration); i++ {
		a, b := calibration[i-1], calibration[i]
		if confidence < b.probability {
			return a.tail + (b.tail-a.tail)*(confidence-a.probability)/(b.probability-a.probability)
		}
	}
	return calibration[len(calibration)-1].tail
}

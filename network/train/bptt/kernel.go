package bptt

// real is what the network is computed in: float32 to train, float64 to check
// gradients.
type real interface{ float32 | float64 }

// transpose writes w, [rows, cols], to dst as [cols, rows].
func transpose[F real](dst, w []F, rows, cols int) {
	for i := range rows {
		for j, v := range w[i*cols : (i+1)*cols] {
			dst[j*rows+i] = v
		}
	}
}

package hdf5

// Float32s are the values of an array of floats of 16 or 32 bits. The slice is
// new.
func (a *Array) Float32s() ([]float32, error) {
	return values(a, 4, a.Type.Class == Float && a.Type.Size <= 4, "float32", a.float32s)
}

// Float64s are the values of an array of numbers or bools. An integer that a
// float64 cannot hold exactly is an error. The slice is new.
func (a *Array) Float64s() ([]float64, error) {
	return values(a, 8, a.Type.Class <= Bool, "a number", a.float64s)
}

// Int64s are the values of an array of integers or bools. An unsigned integer
// beyond int64 is an error. The slice is new.
func (a *Array) Int64s() ([]int64, error) {
	return values(a, 8, a.Type.Class <= Bool && a.Type.Class != Float, "an integer", a.int64s)
}

// Bools are the values of an array of h5py's bools. The slice is new.
func (a *Array) Bools() ([]bool, error) {
	return values(a, 1, a.Type.Class == Bool, "bool", a.bools)
}

// Strings are the values of an array of strings, without padding. They are
// bytes as stored, UTF-8 in all files known. The slice is new.
func (a *Array) Strings() ([]string, error) {
	return values(a, 16, a.Type.Class == FixedText || a.Type.Class == Text, "string", a.strings)
}

// values checks the type, loads the stored values, pays for the slice and
// decodes.
func values[T any](a *Array, size int, fits bool, want string, decode func() ([]T, error)) ([]T, error) {
	if !fits {
		return nil, a.wrongType(want)
	}
	if err := a.load(); err != nil {
		return nil, err
	}
	if err := a.charge(uint64(a.n) * uint64(size)); err != nil {
		return nil, err
	}
	return decode()
}

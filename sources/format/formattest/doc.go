// Package formattest tests recording formats: what every one of them promises
// ([Suite], [Fuzz], [BenchmarkDecode], [BenchmarkEncode]), and the short ways
// that tests of a single one take ([Kit]).
//
//	var kit = formattest.Kit{Formats: []format.Format{EVT2(), EVT3()}}
//
//	func TestFormats(t *testing.T)   { formattest.Suite(t, kit) }
//	func FuzzEVT2(f *testing.F)      { formattest.Fuzz(f, kit, "evt2") }
//	func BenchmarkDecode(b *testing.B) { formattest.BenchmarkDecode(b, kit) }
package formattest

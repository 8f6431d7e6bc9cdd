// Package evt holds Prophesee's formats: RAW files of EVT 2.0, 2.1, 3.0 and 4.0, and the header that they share with DAT.
package evt

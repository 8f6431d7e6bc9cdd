// Package aedat holds the formats of jAER, cAER and DV: AEDAT 1, 2, 3.1 and 4.
package aedat

// Package table holds recordings as tables: CSV and other text, NumPy arrays and archives, Arrow files and streams.
package table

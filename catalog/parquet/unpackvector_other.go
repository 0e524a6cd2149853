//go:build !amd64

package parquet

// These decode and compare nothing where there is no vector code.

func unpackByteVectors([]byte, []byte, int, uint) int { return 0 }

func unpackWordVectors([]uint16, []byte, int, uint) int { return 0 }

func greatestByte([]byte) (byte, int) { return 0, 0 }

func greatestWord([]uint16) (uint16, int) { return 0, 0 }

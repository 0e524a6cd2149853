// Command classify is a user's own program: Volley with one function more.
//
// It registers classify() and calls Volley's main, and so is shell, server,
// coordinator and worker at once. Its README shows the pipeline it replaces.
package main

import (
	"crypto/sha256"
	"encoding/binary"

	"volley/app"
	"volley/udf"
)

// classify stands for an expensive classifier of products: a number in [0, 1)
// that depends on all four fields.
func classify(sku, flux, manufacturer, description string) float64 {
	text := []byte(sku + "|" + flux + "|" + manufacturer + "|" + description)
	h := sha256.New()
	for range 20 {
		h.Write(text)
	}
	return float64(binary.BigEndian.Uint64(h.Sum(nil))>>11) / (1 << 53)
}

func main() {
	udf.Scalar4("classify", classify, udf.WithCost(5000))
	app.Main()
}

// Command input writes a sample for classify: so many products as CSV, always
// the same ones.
package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
)

var (
	makers = []string{"Acme", "Globex", "Initech", "\"Umbrella\" Corp.", "Müller, Söhne & Co"}
	nouns  = []string{"valve", "gasket", "pump", "flange", "coupling, steel", "hose 3/4\""}
)

func main() {
	rows := 1000
	if len(os.Args) > 1 {
		n, err := strconv.Atoi(os.Args[1])
		if err != nil || n < 0 {
			fmt.Fprintln(os.Stderr, "usage: input [ROWS]")
			os.Exit(2)
		}
		rows = n
	}
	w := bufio.NewWriter(os.Stdout)
	r := rand.New(rand.NewPCG(1, 2))
	fmt.Fprintln(w, "ID,SKU,FLUX,MANUFACTURER_NAME,DESCRIPTION")
	for id := range rows {
		fmt.Fprintf(w, "%d,%d,%.3f,%s,%s\n", id+1, 100000+r.IntN(900000), r.Float64()*100,
			quote(makers[r.IntN(len(makers))]), quote(nouns[r.IntN(len(nouns))]+" type "+strconv.Itoa(r.IntN(50))))
	}
	if err := w.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// quote writes a field as COPY does: in quotes only when it needs them.
func quote(s string) string {
	need := false
	out := []byte{'"'}
	for i := range len(s) {
		if s[i] == '"' {
			out = append(out, '"')
		}
		need = need || s[i] == '"' || s[i] == ','
		out = append(out, s[i])
	}
	if !need {
		return s
	}
	return string(append(out, '"'))
}

// Package taxi makes deterministic CSV files that look like New York's yellow
// taxi trips of 2015: the same header, value ranges and skew. The same options
// give the same bytes on every machine.
package taxi

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Header is the header line of every file.
const Header = "VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance," +
	"pickup_longitude,pickup_latitude,RateCodeID,store_and_fwd_flag,dropoff_longitude,dropoff_latitude," +
	"payment_type,fare_amount,extra,mta_tax,tip_amount,tolls_amount,improvement_surcharge,total_amount\n"

// Options say how much is made.
type Options struct {
	Rows  int // over all files
	Files int
	Seed  uint64
}

// Generate writes the files trips-001.csv, … into dir, which must exist, and
// gives their names.
func Generate(dir string, opt Options) ([]string, error) {
	if opt.Files < 1 || opt.Rows < 0 {
		return nil, fmt.Errorf("taxi: %d rows in %d files", opt.Rows, opt.Files)
	}
	var names []string
	for i := range opt.Files {
		name := filepath.Join(dir, fmt.Sprintf("trips-%03d.csv", i+1))
		rows := opt.Rows*(i+1)/opt.Files - opt.Rows*i/opt.Files
		if err := writeFile(name, rows, rand.New(rand.NewPCG(opt.Seed, uint64(i)))); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

func writeFile(name string, rows int, r *rand.Rand) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	_, err = w.WriteString(Header)
	line := make([]byte, 0, 256)
	for range rows {
		line = appendTrip(line[:0], r)
		if _, werr := w.Write(line); err == nil {
			err = werr
		}
	}
	if ferr := w.Flush(); err == nil {
		err = ferr
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

var firstPickup = time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)

// passengers is the skew of passenger_count: index is the count, value how many
// of a thousand trips have it.
var passengers = [...]int{2, 708, 142, 42, 20, 52, 34}

// appendTrip appends one line.
func appendTrip(b []byte, r *rand.Rand) []byte {
	pickup := firstPickup.Add(time.Duration(r.IntN(31*24*3600)) * time.Second)
	meters := 300 + r.IntN(4000)*r.IntN(8)
	cents := 250 + meters/4
	tip := 0
	payment := 1 + r.IntN(2)
	if payment == 1 {
		tip = cents * r.IntN(30) / 100
	}
	tolls := 0
	if r.IntN(25) == 0 {
		tolls = 533
	}
	extra := 50 * r.IntN(3)
	b = strconv.AppendInt(b, int64(1+r.IntN(2)), 10)
	b = pickup.AppendFormat(append(b, ','), time.DateTime)
	b = pickup.Add(time.Duration(60+meters/5)*time.Second).AppendFormat(append(b, ','), time.DateTime)
	b = strconv.AppendInt(append(b, ','), int64(pick(r, passengers[:])), 10)
	b = appendCents(append(b, ','), meters*100/1609)
	b = appendDegrees(append(b, ','), -74_020_000+r.IntN(120_000))
	b = appendDegrees(append(b, ','), 40_690_000+r.IntN(110_000))
	b = append(b, ",1,N,"...)
	b = appendDegrees(b, -74_020_000+r.IntN(120_000))
	b = appendDegrees(append(b, ','), 40_690_000+r.IntN(110_000))
	b = strconv.AppendInt(append(b, ','), int64(payment), 10)
	b = appendCents(append(b, ','), cents)
	b = appendCents(append(b, ','), extra)
	b = append(b, ",0.5,"...)
	b = appendCents(b, tip)
	b = appendCents(append(b, ','), tolls)
	b = append(b, ",0.3,"...)
	b = appendCents(b, cents+extra+50+tip+tolls+30)
	return append(b, '\n')
}

// pick gives an index with a chance in proportion to its weight.
func pick(r *rand.Rand, weights []int) int {
	n := r.IntN(1000)
	for i, w := range weights {
		if n -= w; n < 0 {
			return i
		}
	}
	return 0
}

// appendCents appends hundredths without trailing zeros: 1250 is 12.5.
func appendCents(b []byte, cents int) []byte {
	return strconv.AppendFloat(b, float64(cents)/100, 'f', -1, 64)
}

// appendDegrees appends millionths.
func appendDegrees(b []byte, micro int) []byte {
	return strconv.AppendFloat(b, float64(micro)/1e6, 'f', -1, 64)
}

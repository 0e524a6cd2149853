package flight

import (
	"encoding/binary"
	"errors"
	"io"

	arrowflight "github.com/apache/arrow/go/v15/arrow/flight"
	"github.com/zeebo/xxh3"

	"volley/sqlerr"
)

// Every data message carries a checksum of its header and body as its
// app_metadata (xxh3, 64 bits, little-endian). It is checked before Arrow's
// decoder sees the message, since corrupt metadata make that allocate without
// bounds, which nothing can recover from.

// sealer adds checksums to what is sent.
type sealer struct{ arrowflight.DataStreamWriter }

func (s sealer) Send(d *arrowflight.FlightData) error {
	d.AppMetadata = seal(d)
	return s.DataStreamWriter.Send(d)
}

func seal(d *arrowflight.FlightData) []byte {
	h := xxh3.New()
	_, _ = h.Write(d.DataHeader) // never fails
	_, _ = h.Write(d.DataBody)
	return binary.LittleEndian.AppendUint64(nil, h.Sum64())
}

// unsealer checks what is received. It turns gRPC's errors into Volley's before
// the IPC reader wraps them.
type unsealer struct {
	arrowflight.DataStreamReader
	watch *watchdog
}

func (u unsealer) Recv() (*arrowflight.FlightData, error) {
	d, err := u.DataStreamReader.Recv()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	if err != nil {
		return nil, u.watch.reason(fromStatus(err))
	}
	u.watch.heard()
	if string(seal(d)) != string(d.AppMetadata) {
		e := sqlerr.New(sqlerr.DataCorrupted, "a batch was corrupted on its way")
		e.Retryable = true
		return nil, e
	}
	return d, nil
}

package link

import (
	"bytes"
	"io"
	"math/rand"
	"net"
	"testing"
	"time"
)

// TestLink asks for an answer through a link: it comes as it is, not before the delay, and
// not faster than the rate.
func TestLink(t *testing.T) {
	const size, delay, rate = 4 << 20, 20 * time.Millisecond, 20e6
	answer := make([]byte, size)
	rand.New(rand.NewSource(1)).Read(answer)
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			go func() { // one answer for each byte
				defer c.Close()
				for ask := make([]byte, 1); ; {
					if _, err := c.Read(ask); err != nil {
						return
					}
					if _, err := c.Write(answer); err != nil {
						return
					}
				}
			}()
		}
	}()
	p, err := Start(server.Addr().String(), delay, rate)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got := make([]byte, size)
	for range 3 { // nothing is saved up between answers
		start := time.Now()
		if _, err := c.Write([]byte{1}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, got[:1]); err != nil {
			t.Fatal(err)
		}
		if first := time.Since(start); first < delay {
			t.Errorf("the answer began after %v", first)
		}
		if _, err := io.ReadFull(c, got[1:]); err != nil {
			t.Fatal(err)
		}
		least := delay + time.Duration(size-burst)*time.Second/time.Duration(rate)
		if took := time.Since(start); took < least {
			t.Errorf("%d bytes came in %v, at least %v at this rate", size, took, least)
		}
		if !bytes.Equal(got, answer) {
			t.Error("the answer is another")
		}
		time.Sleep(2 * delay)
	}
	if p.Bytes.Load() != 3*size || p.Connections.Load() != 1 {
		t.Errorf("%d bytes over %d connections", p.Bytes.Load(), p.Connections.Load())
	}
}

package faults

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"
)

// Status answers with an error as S3 does.
func Status(code int, name string) Spoil {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(code)
		if r.Method != http.MethodHead {
			fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", name, strings.ToLower(name))
		}
	}
}

// Reset breaks the connection without an answer.
func Reset(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		abort(conn)
	}
}

// abort closes a connection so that the other side sees a reset.
func abort(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// LostAnswer has the server do what is asked and breaks the connection instead of
// saying so.
func LostAnswer(w http.ResponseWriter, r *http.Request, pass http.Handler) {
	_ = recorded(r, pass)
	Reset(w, r, pass)
}

// Silent answers nothing until the client goes away.
func Silent(_ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() }

// recorded runs pass and keeps its answer.
func recorded(r *http.Request, pass http.Handler) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	pass.ServeHTTP(rec, r)
	return rec
}

// reply sends an answer with another head, or a part of its body.
func reply(w http.ResponseWriter, rec *httptest.ResponseRecorder, status int, body []byte) {
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// half sends the head of the answer and half of its body on the bare connection.
func half(w http.ResponseWriter, r *http.Request, pass http.Handler) net.Conn {
	rec := recorded(r, pass)
	conn, buf, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return nil
	}
	fmt.Fprintf(buf, "HTTP/1.1 %d X\r\n", rec.Code)
	rec.Header().Set("Content-Length", strconv.Itoa(rec.Body.Len()))
	_ = rec.Header().Write(buf)
	fmt.Fprint(buf, "\r\n")
	_, _ = buf.Write(rec.Body.Bytes()[:rec.Body.Len()/2])
	_ = buf.Flush()
	return conn
}

// CutShort sends half of the body and closes the connection.
func CutShort(w http.ResponseWriter, r *http.Request, pass http.Handler) {
	if conn := half(w, r, pass); conn != nil {
		_ = conn.Close()
	}
}

// ResetHalfway sends half of the body and resets the connection.
func ResetHalfway(w http.ResponseWriter, r *http.Request, pass http.Handler) {
	if conn := half(w, r, pass); conn != nil {
		abort(conn)
	}
}

// Stall sends half of the body and nothing more until the client goes away.
func Stall(w http.ResponseWriter, r *http.Request, pass http.Handler) {
	if conn := half(w, r, pass); conn != nil {
		_, _ = conn.Read(make([]byte, 1))
		_ = conn.Close()
	}
}

// CutShortByHeader sends half of the body and says that this is all.
func CutShortByHeader(w http.ResponseWriter, r *http.Request, pass http.Handler) {
	rec := recorded(r, pass)
	reply(w, rec, rec.Code, rec.Body.Bytes()[:rec.Body.Len()/2])
}

// OtherETag answers with the object's bytes as if they were another version's.
func OtherETag(w http.ResponseWriter, r *http.Request, pass http.Handler) {
	rec := recorded(r, pass)
	rec.Header().Set("ETag", `"0123456789abcdef0123456789abcdef"`)
	reply(w, rec, rec.Code, rec.Body.Bytes())
}

// WholeObject answers as if the range asked for were all of the object.
func WholeObject(w http.ResponseWriter, r *http.Request, pass http.Handler) {
	rec := recorded(r, pass)
	rec.Header().Del("Content-Range")
	reply(w, rec, http.StatusOK, rec.Body.Bytes())
}

// WrongRange gives the bytes asked for and says that they lie elsewhere.
func WrongRange(w http.ResponseWriter, r *http.Request, pass http.Handler) {
	rec := recorded(r, pass)
	n := rec.Body.Len()
	rec.Header().Set("Content-Range", fmt.Sprintf("bytes 7-%d/%d", 7+n-1, 8+n))
	reply(w, rec, http.StatusPartialContent, rec.Body.Bytes())
}

// HalfList cuts the body of an answer within its text.
func HalfList(w http.ResponseWriter, r *http.Request, pass http.Handler) {
	rec := recorded(r, pass)
	reply(w, rec, rec.Code, rec.Body.Bytes()[:rec.Body.Len()/2])
}

// Slow passes an answer on at so many bytes a second.
func Slow(rate float64) Spoil {
	return func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
		pass.ServeHTTP(&slowWriter{w, rate}, r)
	}
}

type slowWriter struct {
	http.ResponseWriter
	rate float64
}

// Unwrap lets the proxy flush.
func (w *slowWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *slowWriter) Write(p []byte) (int, error) {
	const step = 64 << 10
	done := 0
	for done < len(p) {
		part := p[done:min(len(p), done+step)]
		time.Sleep(time.Duration(float64(len(part)) / w.rate * float64(time.Second)))
		n, err := w.ResponseWriter.Write(part)
		if done += n; err != nil {
			return done, err
		}
	}
	return done, nil
}

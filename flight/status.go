package flight

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"volley/sqlerr"
)

// toStatus makes a gRPC error that carries err's kind and place in its details.
func toStatus(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := status.FromError(err); ok {
		return err
	}
	code := codes.Unknown
	switch {
	case errors.Is(err, context.Canceled):
		code = codes.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		code = codes.DeadlineExceeded
	}
	st := status.New(code, err.Error())
	if d, e := st.WithDetails(wrapperspb.Bytes(sqlerr.Marshal(err))); e == nil {
		st = d
	}
	return st.Err()
}

// fromStatus is the inverse of toStatus. Errors that gRPC itself made are
// connection failures, and retryable; a context's end stays recognisable.
func fromStatus(err error) error {
	if err == nil {
		return nil
	}
	st, ok := status.FromError(err)
	if !ok {
		return err
	}
	for _, d := range st.Details() {
		if b, ok := d.(*wrapperspb.BytesValue); ok {
			return sqlerr.Unmarshal(b.Value)
		}
	}
	switch st.Code() {
	case codes.Canceled:
		return context.Canceled
	case codes.DeadlineExceeded:
		return context.DeadlineExceeded
	case codes.Unauthenticated:
		return sqlerr.New(sqlerr.InvalidAuthorization, "%s", st.Message())
	}
	e := sqlerr.New(sqlerr.ConnectionFailure, "connection failure: %s", st.Message())
	e.Retryable, e.Cause = true, err
	return e
}

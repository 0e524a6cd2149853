package flight

import (
	"context"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"runtime/debug"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"volley/sqlerr"
)

// bearer is the shared secret as call credentials.
type bearer string

// GetRequestMetadata adds the token to a call.
func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// RequireTransportSecurity is false: the cluster's network is the operator's
// choice, as for the data itself.
func (b bearer) RequireTransportSecurity() bool { return false }

// authorized tells whether a call carries the secret; every call does if there
// is none.
func authorized(ctx context.Context, secret string) bool {
	if secret == "" {
		return true
	}
	md, _ := metadata.FromIncomingContext(ctx)
	for _, v := range md.Get("authorization") {
		if subtle.ConstantTimeCompare([]byte(v), []byte("Bearer "+secret)) == 1 {
			return true
		}
	}
	return false
}

// guard checks the secret of every stream, turns panics into errors, and errors
// into statuses that keep their kind. All methods Volley serves are streams.
func guard(secret string, log *slog.Logger) grpc.StreamServerInterceptor {
	return func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
		defer func() {
			if p := recover(); p != nil {
				log.Error("panic in a flight call", "method", info.FullMethod, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				err = toStatus(sqlerr.New(sqlerr.InternalError, "internal error in %s: %v", info.FullMethod, p))
			}
		}()
		if !authorized(stream.Context(), secret) {
			return status.Error(codes.Unauthenticated, "the cluster secret is missing or wrong")
		}
		return toStatus(handler(srv, stream))
	}
}

// refuseUnary refuses all unary methods: none is served.
func refuseUnary(context.Context, any, *grpc.UnaryServerInfo, grpc.UnaryHandler) (any, error) {
	return nil, status.Error(codes.Unimplemented, "unknown method")
}

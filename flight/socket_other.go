//go:build !linux

package flight

import (
	"context"
	"errors"
	"net"
)

func listenSocket(string) (net.Listener, error) { return nil, errors.ErrUnsupported }

func dialSocket(context.Context, string) (net.Conn, error) { return nil, errors.ErrUnsupported }

func sameUser(net.Conn) error { return errors.ErrUnsupported }

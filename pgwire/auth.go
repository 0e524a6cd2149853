package pgwire

import (
	"bufio"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"strconv"
	"strings"

	"github.com/jackc/pgproto3/v2"
	"github.com/xdg-go/scram"

	"volley/sqlerr"
)

const (
	scramName       = "SCRAM-SHA-256"
	scramIterations = 4096
)

// Users are the names and SCRAM verifiers of those who may log in. It is
// read-only after ReadUsers.
type Users struct {
	byName map[string]scram.StoredCredentials
	// mock makes unknown users fail in the same way and time as wrong passwords.
	mock []byte
}

// ReadUsers reads lines of the form name:secret, where secret is a verifier as
// PostgreSQL stores it (SCRAM-SHA-256$iterations:salt$stored:server) or a plain
// password. Empty lines and those that begin with # are skipped.
func ReadUsers(r io.Reader) (*Users, error) {
	u := &Users{byName: map[string]scram.StoredCredentials{}, mock: make([]byte, 32)}
	if _, err := rand.Read(u.mock); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		name, secret, ok := strings.Cut(line, ":")
		if !ok || name == "" || secret == "" {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "user file, line %d: expected name:password", n)
		}
		cred, err := credentials(secret)
		if err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.InvalidParameterValue, "user file, line %d", n)
		}
		u.byName[name] = cred
	}
	return u, lines.Err()
}

// credentials makes the verifier of a secret in either form.
func credentials(secret string) (scram.StoredCredentials, error) {
	rest, stored := strings.CutPrefix(secret, scramName+"$")
	if !stored {
		salt := make([]byte, 16)
		if _, err := rand.Read(salt); err != nil {
			return scram.StoredCredentials{}, err
		}
		return derive(secret, salt)
	}
	bad := sqlerr.New(sqlerr.InvalidParameterValue, "invalid SCRAM-SHA-256 verifier")
	head, keys, ok1 := strings.Cut(rest, "$")
	iterText, saltText, ok2 := strings.Cut(head, ":")
	storedText, serverText, ok3 := strings.Cut(keys, ":")
	iters, err1 := strconv.Atoi(iterText)
	salt, err2 := base64.StdEncoding.DecodeString(saltText)
	storedKey, err3 := base64.StdEncoding.DecodeString(storedText)
	serverKey, err4 := base64.StdEncoding.DecodeString(serverText)
	if !ok1 || !ok2 || !ok3 || err1 != nil || err2 != nil || err3 != nil || err4 != nil || iters < 1 {
		return scram.StoredCredentials{}, bad
	}
	return scram.StoredCredentials{
		KeyFactors: scram.KeyFactors{Salt: string(salt), Iters: iters},
		StoredKey:  storedKey, ServerKey: serverKey,
	}, nil
}

func derive(password string, salt []byte) (scram.StoredCredentials, error) {
	client, err := scram.SHA256.NewClient("", password, "")
	if err != nil {
		return scram.StoredCredentials{}, sqlerr.New(sqlerr.InvalidParameterValue, "password cannot be prepared for SCRAM (RFC 4013)")
	}
	return client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: string(salt), Iters: scramIterations})
}

// lookup gives the verifier of a user. An unknown user has one that no password
// fits, the same at each try.
func (u *Users) lookup(name string) scram.StoredCredentials {
	if c, ok := u.byName[name]; ok {
		return c
	}
	m := hmac.New(sha256.New, u.mock)
	m.Write([]byte(name))
	salt := m.Sum(nil)
	return scram.StoredCredentials{
		KeyFactors: scram.KeyFactors{Salt: string(salt[:16]), Iters: scramIterations},
		StoredKey:  make([]byte, 32), ServerKey: make([]byte, 32),
	}
}

// authenticate runs SCRAM-SHA-256 (RFC 5802, RFC 7677) where users are
// configured. The user name inside SCRAM is ignored, as PostgreSQL does; the
// one of the start-up message counts.
func (c *conn) authenticate(user string) error {
	users := c.server.cfg.Users
	if users == nil {
		c.send(&pgproto3.AuthenticationOk{})
		return nil
	}
	failed := sqlerr.New(sqlerr.InvalidPassword, "password authentication failed for user %q", user)
	server, err := scram.SHA256.NewServer(func(string) (scram.StoredCredentials, error) { return users.lookup(user), nil })
	if err != nil {
		return err
	}
	conv := server.NewConversation()
	c.send(&pgproto3.AuthenticationSASL{AuthMechanisms: []string{scramName}})
	m, err := c.receiveAuth(pgproto3.AuthTypeSASL)
	if err != nil {
		return err
	}
	first, ok := m.(*pgproto3.SASLInitialResponse)
	if !ok || first.AuthMechanism != scramName {
		return sqlerr.New(sqlerr.ProtocolViolation, "client selected an invalid SASL authentication mechanism")
	}
	reply, err := conv.Step(string(first.Data))
	if err != nil {
		return failed
	}
	c.send(&pgproto3.AuthenticationSASLContinue{Data: []byte(reply)})
	if m, err = c.receiveAuth(pgproto3.AuthTypeSASLContinue); err != nil {
		return err
	}
	last, ok := m.(*pgproto3.SASLResponse)
	if !ok {
		return sqlerr.New(sqlerr.ProtocolViolation, "expected SASL response")
	}
	reply, err = conv.Step(string(last.Data))
	if _, known := users.byName[user]; err != nil || !conv.Valid() || !known {
		return failed
	}
	c.send(&pgproto3.AuthenticationSASLFinal{Data: []byte(reply)})
	c.send(&pgproto3.AuthenticationOk{})
	return nil
}

func (c *conn) receiveAuth(authType uint32) (pgproto3.FrontendMessage, error) {
	if err := c.flush(); err != nil {
		return nil, err
	}
	if err := c.backend.SetAuthType(authType); err != nil {
		return nil, err
	}
	return c.receive()
}

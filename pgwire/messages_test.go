package pgwire

import (
	"encoding/base64"

	"github.com/jackc/pgx/v5/pgproto3"

	"volley/sqlerr"
)

func parseMessage(sql string) *pgproto3.Parse { return &pgproto3.Parse{Query: sql} }
func bindMessage() *pgproto3.Bind             { return &pgproto3.Bind{} }
func syncMessage() *pgproto3.Sync             { return &pgproto3.Sync{} }
func queryMessage(sql string) *pgproto3.Query { return &pgproto3.Query{String: sql} }
func executeMessage(rows uint32) *pgproto3.Execute {
	return &pgproto3.Execute{MaxRows: rows}
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func codeOf(err error) string { return sqlerr.Code(err) }

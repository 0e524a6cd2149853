package app

import (
	"log/slog"

	"volley/certfile"
	"volley/pgwire"
	"volley/sqlerr"
)

// openClusterTLS opens what the flags name for the links between the processes of a
// cluster; nil without them.
func openClusterTLS(files certfile.Files, log *slog.Logger) (*certfile.Source, error) {
	if files == (certfile.Files{}) {
		return nil, nil
	}
	if files.Certificate == "" || files.Key == "" || files.Authorities == "" {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "--cluster-tls-cert, --cluster-tls-key and --cluster-tls-ca go together")
	}
	s, err := certfile.Open(files, log)
	if err != nil {
		return nil, err
	}
	// all others would refuse it
	return s, s.CheckTime()
}

// checkFlight refuses to let workers in from other machines without knowing them.
func (o *nodeOptions) checkFlight(address string, insecure bool) error {
	open := pgwire.Config{}
	if o.secret != "" || o.clusterTLS.Authorities != "" || open.CheckAddress(address, insecure) == nil {
		return nil
	}
	return sqlerr.New(sqlerr.InvalidParameterValue, "refusing to listen for workers on %s without a secret", address).
		WithHint("Give --cluster-secret (or VOLLEY_CLUSTER_SECRET) or --cluster-tls-ca, listen on 127.0.0.1, or say --insecure.")
}

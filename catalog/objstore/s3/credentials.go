package s3

import (
	"context"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"

	"volley/catalog/objstore/secret"
	"volley/sqlerr"
)

const (
	// machineTimeout is how long a machine's metadata service may take for one of three
	// answers. Elsewhere than in Amazon's cloud nobody does.
	machineTimeout = time.Second
	// roleTimeout is the same of services that the environment names.
	roleTimeout = 10 * time.Second
	// machineAgain is when a machine's service is asked again that did not answer.
	machineAgain = time.Minute
)

// foundCredentials are those of an access.
type foundCredentials struct {
	creds *credentials.Credentials
	// origin says in words where they were found; "": there are none.
	origin string
	role   *role     // nil: they do not run out
	until  time.Time // when to look again; zero: never
}

func anonymous() *credentials.Credentials {
	return credentials.NewStatic("", "", "", credentials.SignatureAnonymous)
}

// credentialsOf finds the credentials that a secret says, or those of the environment.
func (s *Store) credentialsOf(ctx context.Context, settings *secret.Secret, at endpoint) (foundCredentials, error) {
	if settings == nil {
		return s.findCredentials(ctx, at.custom, "")
	}
	by := "secret \"" + settings.Name + "\""
	switch {
	case settings.Provider == secret.Chain:
		found, err := s.findCredentials(ctx, at.custom, settings.Profile)
		if found.origin != "" {
			found.origin += ", as " + by + " says"
		}
		return found, err
	case settings.Key.Reveal() == "":
		return foundCredentials{creds: anonymous(), origin: by + ", which has no keys"}, nil
	}
	creds := credentials.NewStaticV4(settings.KeyID.Reveal(), settings.Key.Reveal(), settings.SessionToken.Reveal())
	return foundCredentials{creds: creds, origin: by}, nil
}

// findCredentials looks for credentials in the order of Amazon's tools.
func (s *Store) findCredentials(ctx context.Context, customEndpoint bool, profile string) (foundCredentials, error) {
	env := environments[s.config.Scheme]
	id, key, token := os.Getenv(env.id), os.Getenv(env.key), ""
	if env.token != "" {
		token = os.Getenv(env.token)
	}
	switch {
	case profile != "": // asked for by name
	case id != "" && key != "":
		return foundCredentials{creds: credentials.NewStaticV4(id, key, token), origin: "the environment variable " + env.id}, nil
	case id != "" || key != "":
		return foundCredentials{}, sqlerr.New(sqlerr.InvalidAuthorization, "incomplete S3 credentials in the environment").
			WithHint("Set both %s and %s, or neither.", env.id, env.key)
	}
	if s.config.Scheme != "s3" { // the rest is Amazon's
		return foundCredentials{creds: anonymous()}, nil
	}
	if found, err := s.profileCredentials(ctx, profile); found.creds != nil || err != nil {
		return found, err
	}
	if os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE") != "" {
		sts := strings.TrimSuffix(os.Getenv("AWS_ENDPOINT_URL_STS"), "/")
		return s.roleCredentials(ctx, &credentials.IAM{Endpoint: sts}, roleTimeout, "the web identity token of AWS_WEB_IDENTITY_TOKEN_FILE")
	}
	if os.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != "" || os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI") != "" {
		return s.roleCredentials(ctx, &credentials.IAM{}, roleTimeout, "the container's role")
	}
	service := strings.TrimSuffix(os.Getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT"), "/")
	if (customEndpoint && service == "") || strings.EqualFold(os.Getenv("AWS_EC2_METADATA_DISABLED"), "true") {
		return foundCredentials{creds: anonymous()}, nil
	}
	found, err := s.roleCredentials(ctx, &credentials.IAM{Endpoint: service}, machineTimeout, "the machine's role")
	if err != nil && ctx.Err() == nil { // most machines have none
		return foundCredentials{creds: anonymous(), until: time.Now().Add(machineAgain)}, nil
	}
	return found, err
}

// roleCredentials asks a service for credentials, each time they run out.
func (s *Store) roleCredentials(ctx context.Context, from credentials.Provider, timeout time.Duration, origin string) (foundCredentials, error) {
	client := &http.Client{Timeout: timeout, Transport: s.config.Services}
	r := &role{from: from, client: &credentials.CredContext{Client: client}, origin: origin}
	if err := r.fresh(ctx); err != nil {
		return foundCredentials{}, err
	}
	return foundCredentials{creds: credentials.New(r), origin: origin, role: r}, nil
}

// profileCredentials takes them from the shared files. A profile that is named, here
// or by AWS_PROFILE, must be there; the default one need not.
func (s *Store) profileCredentials(ctx context.Context, profile string) (foundCredentials, error) {
	by := ""
	if profile == "" {
		profile, by = os.Getenv("AWS_PROFILE"), " of AWS_PROFILE"
	}
	origin := "the profile \"default\" of the shared AWS files"
	if profile != "" {
		origin = "the profile \"" + profile + "\"" + by
	}
	found, err := s.roleCredentials(ctx, &credentials.FileAWSCredentials{Profile: profile}, roleTimeout, origin)
	switch {
	case err == nil || ctx.Err() != nil:
		return found, err
	case profile != "":
		// The cause may quote a line of the file, which may be a secret.
		return foundCredentials{}, sqlerr.New(sqlerr.InvalidAuthorization, "no S3 credentials for the profile \"%s\"%s", profile, by).
			WithHint("Profiles are in ~/.aws/credentials and ~/.aws/config, or where AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE say.")
	}
	return foundCredentials{}, nil
}

package s3

import (
	"context"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"

	"volley/sqlerr"
)

// metadataTimeout is how long a machine's metadata service may take to answer.
// Elsewhere than in Amazon's cloud nobody does.
const metadataTimeout = time.Second

// findCredentials looks for credentials in the order of Amazon's tools. origin
// says in words where they were found.
func (s *Store) findCredentials(ctx context.Context, customEndpoint bool, profile string) (creds *credentials.Credentials, origin string, err error) {
	env := environments[s.config.Scheme]
	id, key, token := os.Getenv(env.id), os.Getenv(env.key), ""
	if env.token != "" {
		token = os.Getenv(env.token)
	}
	switch {
	case profile != "": // asked for by name
	case id != "" && key != "":
		return credentials.NewStaticV4(id, key, token), "the environment variable " + env.id, nil
	case id != "" || key != "":
		return nil, "", sqlerr.New(sqlerr.InvalidAuthorization, "incomplete S3 credentials in the environment").
			WithHint("Set both %s and %s, or neither.", env.id, env.key)
	}
	if s.config.Scheme != "s3" { // the rest is Amazon's
		return anonymous(), "", nil
	}
	if creds, origin, err = profileCredentials(profile); creds != nil || err != nil {
		return creds, origin, err
	}
	if os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE") != "" {
		return roleCredentials(), "the web identity token of AWS_WEB_IDENTITY_TOKEN_FILE", nil
	}
	if os.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != "" || os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI") != "" {
		return roleCredentials(), "the container's role", nil
	}
	if !customEndpoint && !strings.EqualFold(os.Getenv("AWS_EC2_METADATA_DISABLED"), "true") {
		machine := credentials.New(&credentials.IAM{Client: &http.Client{Timeout: metadataTimeout}})
		if _, err := machine.GetWithContext(&credentials.CredContext{Client: &http.Client{Timeout: metadataTimeout}}); err == nil {
			return machine, "the machine's role", nil
		}
		if err := ctx.Err(); err != nil {
			return nil, "", err
		}
	}
	return anonymous(), "", nil
}

// roleCredentials asks the service that the environment names for credentials,
// each time they run out.
func roleCredentials() *credentials.Credentials {
	return credentials.New(&credentials.IAM{Client: &http.Client{Timeout: 10 * time.Second}})
}

// profileCredentials takes them from the shared files. A profile that is named, here
// or by AWS_PROFILE, must be there; the default one need not.
func profileCredentials(profile string) (*credentials.Credentials, string, error) {
	by := ""
	if profile == "" {
		profile, by = os.Getenv("AWS_PROFILE"), " of AWS_PROFILE"
	}
	creds := credentials.New(&credentials.FileAWSCredentials{Profile: profile})
	v, err := creds.GetWithContext(&credentials.CredContext{Client: &http.Client{Timeout: 10 * time.Second}})
	found := err == nil && v.AccessKeyID != ""
	switch {
	case found && profile == "":
		return creds, "the profile \"default\" of the shared AWS files", nil
	case found:
		return creds, "the profile \"" + profile + "\"" + by, nil
	case profile != "":
		// The cause may quote a line of the file, which may be a secret.
		return nil, "", sqlerr.New(sqlerr.InvalidAuthorization, "no S3 credentials for the profile \"%s\"%s", profile, by).
			WithHint("Profiles are in ~/.aws/credentials and ~/.aws/config, or where AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE say.")
	}
	return nil, "", nil
}

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
func findCredentials(ctx context.Context, customEndpoint bool) (creds *credentials.Credentials, origin string, err error) {
	id, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	switch {
	case id != "" && secret != "":
		return credentials.NewStaticV4(id, secret, os.Getenv("AWS_SESSION_TOKEN")), "the environment variable AWS_ACCESS_KEY_ID", nil
	case id != "" || secret != "":
		return nil, "", sqlerr.New(sqlerr.InvalidAuthorization, "incomplete S3 credentials in the environment").
			WithHint("Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither.")
	}
	if creds, origin, err = profileCredentials(); creds != nil || err != nil {
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
	return credentials.NewStatic("", "", "", credentials.SignatureAnonymous), "", nil
}

// roleCredentials asks the service that the environment names for credentials,
// each time they run out.
func roleCredentials() *credentials.Credentials {
	return credentials.New(&credentials.IAM{Client: &http.Client{Timeout: 10 * time.Second}})
}

// profileCredentials takes them from the shared files. A profile that is named
// must be there; the default one need not.
func profileCredentials() (*credentials.Credentials, string, error) {
	profile := os.Getenv("AWS_PROFILE")
	creds := credentials.New(&credentials.FileAWSCredentials{Profile: profile})
	v, err := creds.GetWithContext(&credentials.CredContext{Client: &http.Client{Timeout: 10 * time.Second}})
	found := err == nil && v.AccessKeyID != ""
	switch {
	case found && profile == "":
		return creds, "the profile \"default\" of the shared AWS files", nil
	case found:
		return creds, "the profile \"" + profile + "\" of AWS_PROFILE", nil
	case profile != "":
		// The cause may quote a line of the file, which may be a secret.
		return nil, "", sqlerr.New(sqlerr.InvalidAuthorization, "no S3 credentials for the profile \"%s\" of AWS_PROFILE", profile).
			WithHint("Profiles are in ~/.aws/credentials and ~/.aws/config, or where AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE say.")
	}
	return nil, "", nil
}

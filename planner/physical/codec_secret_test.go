package physical

import (
	"bytes"
	"fmt"
	"math/rand"
	"testing"

	"volley/catalog/objstore/secret"
)

// TestSecretsOfFragments: keys come along whole, and nothing that prints a fragment
// shows them.
func TestSecretsOfFragments(t *testing.T) {
	s, err := secret.New("a", []secret.Setting{
		{Name: "type", Values: []string{"s3"}},
		{Name: "key_id", Values: []string{"hidden-id"}},
		{Name: "secret", Values: []string{"hidden-key"}},
		{Name: "scope", Values: []string{"s3://b/p"}},
		{Name: "endpoint", Values: []string{"h:1"}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := &Fragment{Root: randomNode(t, rand.New(rand.NewSource(1)), 0), Secrets: secret.NewSet([]*secret.Secret{&s})}
	g := roundTrip(t, f)
	got, _ := g.Secrets.Find("s3://b/p/x")
	if got == nil || got.KeyID.Reveal() != "hidden-id" || got.Key.Reveal() != "hidden-key" || got.Endpoint != "h:1" || got.Name != "a" {
		t.Errorf("after a round trip: %v", got)
	}
	if text := fmt.Sprintf("%+v %#v %v", got, *got, g.Secrets.List()); bytes.Contains([]byte(text), []byte("hidden")) {
		t.Error(text)
	}
	if g := roundTrip(t, &Fragment{Root: f.Root}); g.Secrets != nil {
		t.Errorf("secrets from nowhere: %v", g.Secrets)
	}
}

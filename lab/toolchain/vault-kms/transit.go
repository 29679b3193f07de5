package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/vault/api"
)

// transit is one key of Vault's transit engine.
type transit struct {
	client     *api.Client
	mount, key string
}

func (t transit) newestVersion(ctx context.Context) (string, error) {
	answer, err := t.client.Logical().ReadWithContext(ctx, t.mount+"/keys/"+t.key)
	if err != nil {
		return "", err
	}
	if answer == nil {
		return "", fmt.Errorf("there is no transit key %s/%s", t.mount, t.key)
	}
	newest, ok := answer.Data["latest_version"].(json.Number)
	if !ok {
		return "", fmt.Errorf("the transit key %s/%s has no version", t.mount, t.key)
	}
	return newest.String(), nil
}

func (t transit) wrap(ctx context.Context, plain []byte) ([]byte, error) {
	text, err := t.ask(ctx, "encrypt", "plaintext", base64.StdEncoding.EncodeToString(plain), "ciphertext")
	return []byte(text), err
}

func (t transit) unwrap(ctx context.Context, wrapped []byte) ([]byte, error) {
	text, err := t.ask(ctx, "decrypt", "ciphertext", string(wrapped), "plaintext")
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(text)
}

func (t transit) ask(ctx context.Context, verb, field, value, wanted string) (string, error) {
	path := t.mount + "/" + verb + "/" + t.key
	answer, err := t.client.Logical().WriteWithContext(ctx, path, map[string]any{field: value})
	if err != nil {
		return "", err
	}
	text, ok := answer.Data[wanted].(string)
	if !ok {
		return "", fmt.Errorf("Vault answers %s without %s", path, wanted)
	}
	return text, nil
}

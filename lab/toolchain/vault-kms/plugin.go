package main

import (
	"bytes"
	"context"
	"errors"
	"log"
	"net/http"
	"time"

	kms "k8s.io/kms/apis/v2"
)

// plugin answers API servers over KMS v2.
type plugin struct {
	kms.UnimplementedKeyManagementServiceServer
	transit transit
}

func (p *plugin) Status(ctx context.Context, _ *kms.StatusRequest) (*kms.StatusResponse, error) {
	id, err := p.transit.newestVersion(ctx)
	if err != nil {
		return nil, err
	}
	return &kms.StatusResponse{Version: "v2", Healthz: "ok", KeyId: id}, nil
}

// Encrypt asks for the version after it has wrapped, as the real one does.
func (p *plugin) Encrypt(ctx context.Context, asked *kms.EncryptRequest) (*kms.EncryptResponse, error) {
	wrapped, err := p.transit.wrap(ctx, asked.GetPlaintext())
	if err != nil {
		return nil, err
	}
	id, err := p.transit.newestVersion(ctx)
	if err != nil {
		return nil, err
	}
	return &kms.EncryptResponse{Ciphertext: wrapped, KeyId: id}, nil
}

func (p *plugin) Decrypt(ctx context.Context, asked *kms.DecryptRequest) (*kms.DecryptResponse, error) {
	plain, err := p.transit.unwrap(ctx, asked.GetCiphertext())
	if err != nil {
		return nil, err
	}
	return &kms.DecryptResponse{Plaintext: plain}, nil
}

// health wraps and unwraps something.
func (p *plugin) health(ctx context.Context) error {
	wrapped, err := p.transit.wrap(ctx, []byte("health"))
	if err != nil {
		return err
	}
	plain, err := p.transit.unwrap(ctx, wrapped)
	if err == nil && !bytes.Equal(plain, []byte("health")) {
		err = errors.New("what was unwrapped is not what was wrapped")
	}
	return err
}

func serveHealth(port string, p *plugin) {
	mux := http.NewServeMux()
	answer := func(writer http.ResponseWriter, request *http.Request) {
		if err := p.health(request.Context()); err != nil {
			http.Error(writer, err.Error(), http.StatusInternalServerError)
		}
	}
	mux.HandleFunc("/health", answer)
	mux.HandleFunc("/live", answer)
	server := &http.Server{Addr: ":" + port, Handler: mux, ReadHeaderTimeout: 3 * time.Second}
	log.Fatal(server.ListenAndServe())
}

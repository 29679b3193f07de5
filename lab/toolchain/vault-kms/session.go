package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/hashicorp/vault/api"
)

// login says where Vault is and how to log in to it.
type login struct {
	address, namespace, method, mount, role, certFile, keyFile string
}

// session is a client of Vault with a token, and how to get another one.
type session struct {
	client *api.Client
	login  login
}

func (l login) open() (*session, error) {
	if l.method != "cert" {
		return nil, fmt.Errorf("auth method %q: this one knows cert only", l.method)
	}
	client, err := l.client(api.DefaultConfig())
	if err != nil {
		return nil, err
	}
	s := &session{client: client, login: l}
	return s, s.logIn()
}

func (l login) client(config *api.Config) (*api.Client, error) {
	if config.Error != nil {
		return nil, config.Error
	}
	config.Address = l.address
	client, err := api.NewClient(config)
	if err == nil && l.namespace != "" {
		client.SetNamespace(l.namespace)
	}
	return client, err
}

// logIn presents the certificate, read anew, in a connection of its own.
func (s *session) logIn() error {
	config := api.DefaultConfig()
	if err := config.ConfigureTLS(&api.TLSConfig{ClientCert: s.login.certFile, ClientKey: s.login.keyFile}); err != nil {
		return err
	}
	client, err := s.login.client(config)
	if err != nil {
		return err
	}
	answer, err := client.Logical().Write("auth/"+s.login.mount+"/login", map[string]any{"name": s.login.role})
	if err != nil {
		return fmt.Errorf("error performing cert auth: %w", err)
	}
	s.client.SetToken(answer.Auth.ClientToken)
	_, err = s.client.Auth().Token().LookupSelf()
	return err
}

// keep renews the token when half of its life is over, and logs in again when that fails.
func (s *session) keep(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := s.renew(ctx); err != nil {
				log.Printf("the token is not renewed: %v", err)
			}
		}
	}
}

func (s *session) renew(ctx context.Context) error {
	seen, err := s.client.Auth().Token().LookupSelfWithContext(ctx)
	if err == nil && number(seen.Data["ttl"])*2 > number(seen.Data["creation_ttl"]) {
		return nil
	}
	if err == nil {
		_, err = s.client.Auth().Token().RenewSelfWithContext(ctx, 3600)
	}
	if err != nil {
		return s.logIn()
	}
	return nil
}

func number(value any) int64 {
	text, _ := value.(json.Number)
	result, _ := text.Int64()
	return result
}

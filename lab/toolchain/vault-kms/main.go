// vault-kubernetes-kms for labs: the plugin that API servers ask to wrap and unwrap their data keys, which has Vault's transit engine do it.
// It has the flags of the plugin of that name that the project runs, as far as they are used, and behaves like it: it logs in by a
// client certificate and ends when it can't, its key id is the newest version of the transit key, and its health port asks Vault.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	kms "k8s.io/kms/apis/v2"
)

const version = "1.4.0"

type options struct {
	vault         login
	transitMount  string
	transitKey    string
	socket        string
	overwrite     bool
	healthPort    string
	refresh       time.Duration
	disableV1     bool
	printsVersion bool
}

func readOptions() options {
	var o options
	flag.StringVar(&o.vault.address, "vault-address", "", "address of Vault")
	flag.StringVar(&o.vault.namespace, "vault-namespace", "", "namespace of Vault")
	flag.StringVar(&o.vault.method, "auth-method", "", "how to log in: cert")
	flag.StringVar(&o.vault.mount, "cert-mount", "cert", "mount of the login by certificate")
	flag.StringVar(&o.vault.role, "cert-role", "", "role of that login")
	flag.StringVar(&o.vault.certFile, "cert-file", "", "certificate to log in with")
	flag.StringVar(&o.vault.keyFile, "cert-key", "", "its private key")
	flag.StringVar(&o.transitMount, "transit-mount", "transit", "mount of the transit engine")
	flag.StringVar(&o.transitKey, "transit-key", "kms", "name of the transit key")
	flag.StringVar(&o.socket, "socket", "unix:///opt/kms/vaultkms.socket", "where API servers find the plugin")
	flag.BoolVar(&o.overwrite, "force-socket-overwrite", false, "remove what is at the place of the socket")
	flag.StringVar(&o.healthPort, "health-port", "8080", "port of /health and /live")
	flag.DurationVar(&o.refresh, "token-refresh-interval", time.Minute, "how often the token is looked at")
	flag.BoolVar(&o.disableV1, "disable-v1", false, "accepted and ignored: there is no KMS v1 here")
	flag.BoolVar(&o.printsVersion, "version", false, "print the version")
	flag.Parse()
	return o
}

func main() {
	o := readOptions()
	if o.printsVersion {
		fmt.Println("vault-kubernetes-kms of the lab, v" + version)
		return
	}
	if err := run(o); err != nil {
		log.Fatal(err)
	}
}

func run(o options) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	session, err := o.vault.open()
	if err != nil {
		return fmt.Errorf("failed to create vault client: %w", err)
	}
	go session.keep(ctx, o.refresh)
	listener, err := listen(o.socket, o.overwrite)
	if err != nil {
		return err
	}
	plugin := &plugin{transit: transit{client: session.client, mount: o.transitMount, key: o.transitKey}}
	server := grpc.NewServer()
	kms.RegisterKeyManagementServiceServer(server, plugin)
	go serveHealth(o.healthPort, plugin)
	go func() {
		<-ctx.Done()
		server.GracefulStop()
	}()
	log.Printf("listening on %s", o.socket)
	return server.Serve(listener)
}

func listen(socket string, overwrite bool) (net.Listener, error) {
	path := strings.TrimPrefix(socket, "unix://")
	if overwrite {
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			return nil, err
		}
	}
	return net.Listen("unix", path)
}

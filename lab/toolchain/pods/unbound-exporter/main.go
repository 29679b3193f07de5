// unbound-exporter stands in for the one of the same flags: it tells Prometheus what Unbound counts, on a port that it shares.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// SO_REUSEPORT of Linux, which package syscall doesn't name on every platform.
const soReusePort = 15

func main() {
	address := flag.String("web.listen-address", ":9167", "where to listen")
	share := flag.Bool("web.reuse-port", false, "whether others may listen there, too")
	control := flag.String("unbound.host", "unix:///run/unbound.ctl", "control socket of Unbound")
	version := flag.Bool("version", false, "print the version and end")
	flag.Parse()
	if *version {
		fmt.Println("1.0.0")
		return
	}
	listening := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(fd uintptr) {
			if *share {
				failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, soReusePort, 1)
			}
		})
		if err != nil {
			return err
		}
		return failed
	}}
	listener, err := listening.Listen(context.Background(), "tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	path := strings.TrimPrefix(*control, "unix://")
	http.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		up := 1
		if err := tell(path, w); err != nil {
			log.Print(err)
			up = 0
		}
		fmt.Fprintf(w, "unbound_up %d\n", up)
	})
	log.Fatal(http.Serve(listener, nil))
}

// tell writes every number that Unbound counts as a metric of its own name.
func tell(path string, w io.Writer) error {
	connection, err := net.Dial("unix", path)
	if err != nil {
		return err
	}
	defer connection.Close()
	if _, err := io.WriteString(connection, "UBCT1 stats_noreset\n"); err != nil {
		return err
	}
	lines := bufio.NewScanner(connection)
	for lines.Scan() {
		name, value, found := strings.Cut(lines.Text(), "=")
		if found {
			fmt.Fprintf(w, "unbound_%s %s\n", strings.NewReplacer(".", "_", "-", "_").Replace(name), value)
		}
	}
	return lines.Err()
}

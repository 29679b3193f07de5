import { createServer, type Server } from 'node:http';
import { collectDefaultMetrics, Registry } from 'prom-client';

/** What Prometheus reads: the process's own figures, and whatever else is registered. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

interface HealthOptions {
  registry: Registry;
  address: string | undefined;
  isPolling: () => boolean;
}

/** Serves /healthz (the worker is up and polling) and /metrics (Prometheus) at `host:port`; without an address, nothing. */
export function serveHealth({ registry, address, isPolling }: HealthOptions): Server | undefined {
  if (address === undefined) return undefined;
  const server = createServer((request, response) => {
    if (request.url === '/metrics') {
      void registry.metrics().then((text) => response.setHeader('content-type', registry.contentType).end(text));
      return;
    }
    const healthy = isPolling();
    response
      .writeHead(request.url === '/healthz' ? (healthy ? 200 : 503) : 404)
      .end(healthy ? 'ok\n' : 'not polling\n');
  });
  const [, host = '127.0.0.1', port = '0'] = /^(.*):(\d+)$/.exec(address) ?? [];
  server.listen(Number(port), host.replace(/^\[|\]$/g, ''));
  return server;
}

import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import type { Component } from '../cluster/components/component.ts';
import { endpoint, ports } from '../cluster/components/endpoint.ts';
import type { Health } from '../cluster/observation.ts';

const probeMilliseconds = 3_000;

/** Where a component says how it is; those without an entry are healthy while they run. */
const healthPort: Partial<Record<Component, HealthPort>> = {
  'kube-controller-manager': { scheme: 'https', port: 10257, path: '/healthz' },
  'kube-scheduler': { scheme: 'https', port: 10259, path: '/healthz' },
  kubelet: { scheme: 'http', port: 10248, path: '/healthz' },
  'kube-proxy': { scheme: 'http', port: 10249, path: '/healthz' },
  // It opens the port when it is logged in. What it says there is how Vault is, which is not what is asked.
  'vault-kms': { scheme: 'http', port: ports.kmsHealth, path: '/live', well: 'any answer' },
};

interface HealthPort {
  scheme: 'http' | 'https';
  port: number;
  path: string;
  /** Which answers say that it serves; 200 unless told. */
  well?: 'any answer';
}

/** Asks a component on a node for its health. `ca` verifies controller-manager and scheduler. Never throws. */
export async function probeComponent(input: { component: Component; address: string; ca: string }): Promise<Health> {
  const { component, address, ca } = input;
  const at = healthPort[component];
  if (at === undefined) return { state: 'healthy' };
  const url = `${at.scheme}://${endpoint(address, at.port)}${at.path}`;
  return new Promise((resolve) => {
    const options = { timeout: probeMilliseconds, signal: AbortSignal.timeout(probeMilliseconds), agent: false };
    const answered = (status: number | undefined) =>
      resolve(
        status === 200 || at.well === 'any answer'
          ? { state: 'healthy' }
          : { state: 'unhealthy', because: `${at.path} answers ${status}` },
      );
    const request =
      at.scheme === 'http'
        ? httpGet(url, options, (response) => answered(response.resume().statusCode))
        : httpsGet(url, { ...options, ca }, (response) => answered(response.resume().statusCode));
    request.on('error', (error) => resolve(healthOfError(error, at.port)));
  });
}

/** A closed port is an answer of the node itself; silence is not, and proves nothing. */
function healthOfError(error: Error & { code?: string }, port: number): Health {
  if (error.code === 'ECONNREFUSED') return { state: 'unhealthy', because: `nothing listens on port ${port} yet` };
  return { state: 'unknown', because: `port ${port}: ${error.code ?? error.message}` };
}

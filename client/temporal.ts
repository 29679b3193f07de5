import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { TLSConfig } from '@temporalio/client';
import { openPayloadCodec } from '../activities/payloads/open.ts';
import type { Settings, TemporalTls } from '../activities/settings.ts';
import type { Vault } from '../activities/vault/vault.ts';
import { CkeError } from '../cluster/errors.ts';
import { taskQueue } from '../workflows/contracts.ts';

const CONNECT_MS = 3000;

const failureConverterPath = fileURLToPath(new URL('../workflows/failure-converter.ts', import.meta.url));

/**
 * Connects to Temporal's frontend. What is sent and asked is encrypted and decrypted with the keys of the namespace, which `vault` has.
 * @throws CkeError TemporalUnavailable with the reason that the network gave
 */
export async function connectTemporal(settings: Settings, vault: Pick<Vault, 'payloadKeys'>): Promise<Client> {
  const { address, namespace, tls } = settings.temporal;
  const refusal = await probe(address);
  if (refusal !== undefined) throw unreachable(address, refusal);
  const options = { address, connectTimeout: CONNECT_MS, ...(tls && { tls: tlsConfig(tls) }) };
  const connection = await Connection.connect(options).catch((error: unknown) => {
    throw unreachable(address, error instanceof Error ? error.message : 'no reason given');
  });
  // A question about what goes on is not for an execution that has ended.
  const workflow = { queryRejectCondition: 'NOT_OPEN' } as const;
  const dataConverter = { payloadCodecs: [openPayloadCodec({ settings, vault })], failureConverterPath };
  return new Client({ connection, namespace, workflow, dataConverter });
}

/** TLS files of the settings, as Temporal's SDK wants them. */
export function tlsConfig({ ca_file, cert_file, key_file, server_name }: TemporalTls): TLSConfig {
  return {
    ...(ca_file !== undefined && { serverRootCACertificate: readFileSync(ca_file) }),
    ...(server_name !== undefined && { serverNameOverride: server_name }),
    ...(cert_file !== undefined &&
      key_file !== undefined && { clientCertPair: { crt: readFileSync(cert_file), key: readFileSync(key_file) } }),
  };
}

/** The SDK says "deadline" for everything, so the port is knocked at first: undefined, or why it stays shut. */
export async function probe(address: string): Promise<string | undefined> {
  const separator = address.lastIndexOf(':');
  const host = address.slice(0, separator).replaceAll(/[[\]]/gu, '');
  return await new Promise((resolve) => {
    const socket = connect({ host, port: Number(address.slice(separator + 1)) });
    const done = (outcome: string | undefined) => {
      socket.destroy();
      resolve(outcome);
    };
    socket.setTimeout(CONNECT_MS, () => done(`no answer within ${CONNECT_MS / 1000} s`));
    socket.once('connect', () => done(undefined));
    socket.once('error', (error: NodeJS.ErrnoException) => done(reasonFor(error)));
  });
}

function reasonFor(error: NodeJS.ErrnoException): string {
  const reasons: Record<string, string> = {
    ECONNREFUSED: 'connection refused: nothing listens there',
    ENOTFOUND: 'the name does not resolve',
    EAI_AGAIN: 'the name does not resolve (no DNS answer)',
    EHOSTUNREACH: 'no route to the host',
    ENETUNREACH: 'no route to the network',
  };
  return reasons[error.code ?? ''] ?? error.code ?? error.message;
}

function unreachable(address: string, got: string): CkeError {
  return new CkeError({
    code: 'TemporalUnavailable',
    message: `Temporal at ${address} cannot be reached`,
    got,
    fix: `start Temporal, or correct temporal.address in the settings, then: cke-client doctor`,
    remedy: 'retry',
  });
}

/** Identities of the workers that asked for workflow tasks during the last minutes. A worker that died is listed for five minutes. */
export async function workersOf(client: Client): Promise<string[]> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: 1,
  });
  return (pollers ?? []).map(({ identity }) => identity ?? 'unnamed');
}

/** @throws CkeError TemporalUnavailable when no worker has asked for work lately: whatever is started would only wait */
export async function demandWorker(client: Client): Promise<void> {
  if ((await workersOf(client)).length > 0) return;
  throw noWorker();
}

export function noWorker(): CkeError {
  return new CkeError({
    code: 'TemporalUnavailable',
    message: `no worker picked this up yet`,
    got: `nobody answers on Temporal's task queue ${taskQueue}`,
    want: 'a running worker',
    fix: 'start the worker (docker compose up -d worker); what was asked for then begins by itself: cke-client status',
    remedy: 'retry',
  });
}

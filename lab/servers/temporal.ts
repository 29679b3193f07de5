import { join } from 'node:path';
import { accepts } from '../node/machine.ts';
import { startProcess, waitUntil } from '../processes.ts';
import type { Server } from './server.ts';

const searchAttributes = ['Cluster=Keyword', 'Phase=Keyword', 'Outcome=Keyword'];

/** Temporal's dev server with its Web UI; the history is a file, so that it outlives the process. */
export const temporal: Server = {
  async start({ lab, paths, tools }) {
    const { ports } = lab;
    const [record, log] = [paths.record('temporal'), paths.log('temporal')];
    const argv = [
      ...[tools.temporal, 'server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'warn'],
      ...['--port', String(ports.temporal), '--ui-port', String(ports.temporalUi)],
      ...['--http-port', String(ports.temporalHttp), '--metrics-port', String(ports.temporalMetrics)],
      ...['--db-filename', join(paths.server('temporal'), 'temporal.db')],
      // As it comes, a shard reads its transfer queue 20 times a second and back-to-back activities wait 50 ms each.
      ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=500'],
      ...searchAttributes.flatMap((attribute) => ['--search-attribute', attribute]),
    ];
    await startProcess(argv, { record, log, cwd: paths.server('temporal') });
    const up = async () =>
      ((await accepts('127.0.0.1', ports.temporal)) && (await answersUi(ports.temporalUi))) || undefined;
    await waitUntil('Temporal', up, { log, record, timeoutMilliseconds: 60_000 });
  },
};

async function answersUi(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/namespaces/default`, {
      signal: AbortSignal.timeout(2000),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

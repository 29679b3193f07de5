import { join } from 'node:path';
import { flags } from '../command.ts';
import { accepts } from '../node/machine.ts';
import { ensureProcess, waitUntil } from '../processes.ts';
import { answersOk } from './http.ts';
import type { Server } from './server.ts';

const searchAttributes = ['Cluster=Keyword', 'Phase=Keyword', 'Outcome=Keyword'];

/** Temporal's dev server with its Web UI; the history is a file, so that it outlives the process. */
export const temporal: Server = {
  async start({ lab, paths, tools }) {
    const { ports } = lab;
    const [record, log] = [paths.record('temporal'), paths.log('temporal')];
    const settings = flags({
      ip: '127.0.0.1',
      port: ports.temporal,
      'ui-port': ports.temporalUi,
      'ui-codec-endpoint': `http://127.0.0.1:${ports.codecServer}`,
      'http-port': ports.temporalHttp,
      'metrics-port': ports.temporalMetrics,
      'db-filename': join(paths.server('temporal'), 'temporal.db'),
      // As it comes, a shard reads its transfer queue 20 times a second and back-to-back activities wait 50 ms each.
      'dynamic-config-value': 'history.transferProcessorMaxPollRPS=500',
      'log-level': 'warn',
    });
    const attributes = searchAttributes.map((attribute) => `--search-attribute=${attribute}`);
    const argv = [tools('temporal'), 'server', 'start-dev', ...settings, ...attributes];
    await ensureProcess(argv, { record, log, cwd: paths.server('temporal') });
    const up = async () =>
      ((await accepts('127.0.0.1', ports.temporal)) &&
        (await answersOk(`http://127.0.0.1:${ports.temporalUi}/api/v1/namespaces/default`))) ||
      undefined;
    await waitUntil('Temporal', up, { log, record, timeoutMilliseconds: 180_000 });
  },
};

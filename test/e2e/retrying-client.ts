import { request } from 'node:https';
import { argv, stdout } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program of its own, run inside a node's network: asks again and again, and prints the time of each answer (ms since 1970). */
const [url = ''] = argv.slice(2);

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    // No cluster secret is used: who answers at all is enough.
    const asked = request(url, { rejectUnauthorized: false, agent: false, timeout: 1_000 }, (response) => {
      response.resume().on('end', () => resolve((response.statusCode ?? 500) < 500));
      response.on('error', () => resolve(false));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

for (;;) {
  if (await answers()) stdout.write(`${Date.now()}\n`);
  await sleep(100);
}

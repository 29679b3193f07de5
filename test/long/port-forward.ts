import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { lab } from '../e2e/story.ts';

/** What `kubectl port-forward` lets answer at `GET /` of a port of its own choice; it is ended then. Throws with its words. */
export async function throughForward(...args: string[]): Promise<string> {
  const env = { ...process.env, ...lab.environment() };
  const forward = spawn('kubectl', ['port-forward', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const port = await new Promise<string>((resolve, reject) => {
      let said = '';
      const hear = (text: Buffer) => {
        said += text.toString();
        const found = /Forwarding from 127\.0\.0\.1:(\d+)/u.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      };
      forward.stdout.on('data', hear);
      forward.stderr.on('data', hear);
      forward.on('close', () => reject(new Error(`kubectl port-forward ended: ${said}`)));
    });
    const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(30_000) });
    return (await answer.text()).trim();
  } finally {
    if (forward.exitCode === null) {
      forward.kill('SIGTERM');
      await once(forward, 'close');
    }
  }
}

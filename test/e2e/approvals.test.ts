import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Document } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signatureOf } from '../../activities/notify/post.ts';
import type { ApprovalRecord } from '../../activities/store/approvals.ts';
import type { HistoryEntry } from '../../activities/store/history.ts';
import { allContainers } from './containers.ts';
import { declaredNames, nodeEntry, writeDeclaration } from './declaration.ts';
import { kubernetesNodes, standingCluster } from './standing.ts';
import { apply, cke, cluster, history, lab, reconcile, run, status, until } from './story.ts';

const signingKey = 'a-key-of-the-story';
const leaver = 'worker-2';

interface Told {
  headers: IncomingHttpHeaders;
  body: string;
  answered: number;
}

describe('risky steps, plans that are read first, and a pause', () => {
  const told: Told[] = [];
  let receiver: Server;

  beforeAll(async () => {
    await standingCluster();
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        // The first call of all is refused: it has to come again.
        const answered = told.length === 0 ? 503 : 204;
        told.push({ headers: request.headers, body, answered });
        response.writeHead(answered).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    const entries = [`chat=http://127.0.0.1:${port}/hook`, `signing_key=${signingKey}`];
    await run('vault', 'kv', 'put', `-mount=cke/${cluster}/secrets`, 'notifications', ...entries);
  });
  afterAll(async () => {
    await cke('resume', '--cluster', cluster);
    receiver?.close();
    await apply(writeDeclaration());
  });

  test('a node that is to go waits for a yes, the rest goes on, and a webhook hears of it', async () => {
    const report = await apply(declared(1, withoutLeaver));
    expect(report).toMatchObject({ outcome: 'waiting', pending: [{ target: leaver, risk: 'worker-removal' }] });
    // Perhaps by the operation that the new revision woke, before the one that was asked for.
    const schedulers = (await allContainers()).filter(({ name }) => name === 'kube-scheduler');
    expect(schedulers.map(({ command }) => command.includes('--v=1'))).toEqual([true, true, true]);
    const [question] = (await status()).status?.lastReport?.pending ?? [];
    expect(Date.parse(question?.expiresAt ?? '')).toBeGreaterThan(Date.now());
    expect((await cke('status', '--cluster', cluster)).stdout).toContain(`cke-client approve ${question?.fingerprint}`);
    expect(await nodeNames()).toContain(leaver);
    const [refused, again] = await until(
      'the story, twice',
      () => (told.length >= 2 ? [told[0], told[1]] : undefined),
      { seconds: 60 },
    );
    expect(again?.headers['cke-delivery'], 'the same story').toBe(refused?.headers['cke-delivery']);
    for (const { headers, body } of told) {
      const [, at, signature] = /^t=(\d+),v1=(\w+)$/u.exec(String(headers['cke-signature'])) ?? [];
      expect(signature).toBe(signatureOf({ signingKey, at: Number(at), body }));
    }
    expect(await reconcile()).toMatchObject({ outcome: 'waiting', done: [] });
    expect(
      told.filter(({ headers }) => headers['cke-event'] === 'approval-needed'),
      'told once',
    ).toHaveLength(2);
  });

  test('a no stops it, with the name and the reason, until the declaration is applied anew', async () => {
    expect((await cke('reject', await fingerprint(), '--reason', 'not today', '--cluster', cluster)).code).toBe(0);
    const report = await reconcile();
    expect(report.blockers.map(({ because }) => because).join()).toMatch(/was rejected by .*not today/u);
    expect(await nodeNames()).toContain(leaver);
  });

  test('a yes lets it happen, once, and history has the name', async () => {
    await apply(declared(2, withoutLeaver));
    const answered = await fingerprint();
    expect((await cke('approve', answered, '--cluster', cluster)).code).toBe(0);
    await until('the node is gone', async () => !(await nodeNames()).includes(leaver) || undefined, {
      seconds: 180,
    });
    await until('a converged cluster', async () => (await reconcile()).outcome === 'converged' || undefined, {
      seconds: 120,
    });
    const twice = await cke('approve', answered, '--cluster', cluster);
    expect(twice.code).toBe(1);
    expect(twice.stderr).toContain('does not wait for an answer');
    expect(await answersOnLeaver()).toEqual(new Set(['rejected', 'approved']));
  });

  test('a plan is carried out by a live worker as it was read, or not at all', async () => {
    const plan = join(lab.paths.directory, 'plan.json');
    const made = await cke('plan', declared(3), '--out', plan);
    expect(made.code, made.stderr).toBe(2);
    await apply(declared(4, withoutLeaver));
    const stale = await cke('apply', '--plan', plan, '--yes');
    expect(stale).toMatchObject({ code: 1 });
    expect(stale.stderr).toContain('nothing was changed');
    expect(await nodeNames()).not.toContain(leaver);
    await cke('plan', declared(3), '--out', plan);
    const applied = await cke('apply', '--plan', plan, '--yes');
    expect(applied.code, applied.stderr).toBe(0);
    expect(await nodeNames()).toContain(leaver);
  });

  test('a pause names the step that it holds up', async () => {
    await cke('pause', '--reason', 'the story', '--cluster', cluster);
    const report = await apply(declared(5));
    expect(report).toMatchObject({ outcome: 'paused', done: [] });
    expect(report.nextStep).toContain('kube-scheduler');
    expect((await cke('status', '--cluster', cluster)).stdout).toContain(`next: ${report.nextStep}`);
    await cke('resume', '--cluster', cluster);
    await until('a converged cluster', async () => (await reconcile()).outcome === 'converged' || undefined, {
      seconds: 120,
    });
  });
});

const withoutLeaver = (document: Document) =>
  document.set('nodes', document.createNode(declaredNames.filter((name) => name !== leaver).map(nodeEntry)));

function declared(verbosity: number, change: (document: Document) => void = () => undefined): string {
  return writeDeclaration((document) => {
    document.setIn(['approvals'], { required_for: ['worker-removal', 'data-loss'], expire_after_hours: 1 });
    document.setIn(['notifications'], { webhooks: [{ name: 'chat', url_secret: 'chat' }] });
    document.setIn(['options', 'kube-scheduler', 'extra_args'], [`--v=${verbosity}`]);
    change(document);
  });
}

async function fingerprint(): Promise<string> {
  return until('a question', async () => (await status()).status?.lastReport?.pending?.[0]?.fingerprint, {
    seconds: 60,
  });
}

/** What people said of the node that is to go; other stories ask other questions. */
async function answersOnLeaver(): Promise<Set<string | undefined>> {
  const entries: (HistoryEntry & { answers?: ApprovalRecord[] })[] = await history();
  const answers = entries.flatMap((entry) => entry.answers ?? []).filter(({ target }) => target === leaver);
  return new Set(answers.map(({ answer }) => answer?.answer));
}

const nodeNames = async () => (await kubernetesNodes()).map(({ metadata }) => metadata.name);

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FileSet } from '../../activities/node/file-set.ts';
import type { NodeFiles } from '../../activities/node/files.ts';
import { complaintOf, startTestNode, type TestNode } from '../fixtures/lab-node.ts';

let it: TestNode;
let files: NodeFiles;

beforeAll(async () => {
  it = await startTestNode('test-node');
  files = it.open().files(it.declaration, it.node);
  await files.prepare();
});
afterAll(() => it?.stop());

const inNode = (script: string) => it.host.exec(['sh', '-c', script]);

const operation = (epoch: number, cluster = 'demo') => ({ cluster, epoch });

/** A certificate and its key, as far as a reader can tell: both have the same content. */
function pair(component: string, content: string): FileSet {
  const file = (name: string, mode: '0600' | '0644') => ({
    path: `/etc/kubernetes/pki/${component}.${name}`,
    mode,
    bytes: Buffer.from(content),
  });
  return {
    component,
    root: '/etc/kubernetes',
    files: [file('crt', '0644'), file('key', '0600')],
    manifest: { digest: `d${content}${'0'.repeat(8)}`, certificates: [] },
    by: operation(1),
  };
}

function cniSet(name: string): FileSet {
  return {
    component: 'cni',
    root: '/etc/cni/net.d',
    files: [{ path: `/etc/cni/net.d/${name}`, mode: '0644', bytes: Buffer.from('{}') }],
    manifest: { digest: name.repeat(3), certificates: [] },
    by: operation(1),
  };
}

async function installFour(worker: NodeFiles, side: string): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await worker.installFileSet(pair(side, `${side}-${turn}`));
}

describe('a set of files', () => {
  test('stands where its readers look, with modes, owners and manifest', async () => {
    const { generation } = await files.installFileSet(pair('apiserver', 'one'));
    const listing = await inNode(
      'cd /etc/kubernetes/pki && stat -L -c "%n %a %U %G" * && cat apiserver.key && readlink apiserver.crt',
    );
    expect(listing.trim().split('\n')).toEqual([
      'apiserver.crt 644 root root',
      'apiserver.key 600 root root',
      'one../.sets/apiserver/..data/pki/apiserver.crt',
    ]);
    expect(await files.readManifest({ component: 'apiserver', root: '/etc/kubernetes' })).toEqual({
      digest: 'done00000000',
      certificates: [],
    });
    expect(await files.stat('/etc/kubernetes/.sets/apiserver/..data')).toEqual({
      state: 'link',
      target: expect.stringContaining(generation),
    });
    expect(await files.readManifest({ component: 'nobody', root: '/etc/kubernetes' })).toBeUndefined();
  });

  test('is switched as a whole: no reader ever sees a key beside another certificate', async () => {
    await files.installFileSet(pair('proxy', 'start'));
    const reader = it.host.exec(['sh', '-c', readPairs]);
    const spent: number[] = [];
    for (let turn = 0; turn < 12; turn += 1) {
      const start = performance.now();
      await files.installFileSet(pair('proxy', `turn-${turn}`));
      spent.push(performance.now() - start);
    }
    await inNode(': >/tmp/enough');
    const said = (await reader).trim().split('\n');
    expect(said.filter((line) => line.startsWith('torn'))).toEqual([]);
    const read = Number(said.find((line) => line.startsWith('read '))?.split(' ')[1]);
    const different = Number(said.find((line) => line.startsWith('different '))?.split(' ')[1]);
    console.log(
      `${read} reads, ${different} different contents; a publication takes`,
      spent.map(Math.round).join(' '),
      'ms',
    );
    expect(different).toBeGreaterThan(3);
  });

  test('keeps the generation before it and no older one; files that are gone lose their public path', async () => {
    const set = pair('scheduler', 'a');
    await files.installFileSet(set);
    await files.installFileSet(pair('scheduler', 'b'));
    await files.installFileSet({ ...pair('scheduler', 'c'), files: set.files.slice(0, 1) });
    expect((await inNode('ls -A /etc/kubernetes/.sets/scheduler')).trim().split('\n')).toEqual([
      '..data',
      expect.stringMatching(/^\.\.gen-db0000/),
      expect.stringMatching(/^\.\.gen-dc0000/),
    ]);
    expect(await inNode('ls /etc/kubernetes/pki/scheduler.*')).toBe('/etc/kubernetes/pki/scheduler.crt\n');
  });

  test('whose upload was cut off, or came to harm, is never published', async () => {
    await files.installFileSet(pair('kubelet', 'good'));
    await inNode(
      `cd /etc/kubernetes/.sets/kubelet && cp -a "$(readlink ..data)" ..gen-harmed && : >..gen-harmed/pki/kubelet.key && echo ..gen-harmed >..pending`,
    );
    await files.installFileSet(pair('other', 'x'));
    expect(await inNode('docker logs cke-files 2>&1 | tail -n 1')).toContain('..gen-harmed is damaged');
    expect(await inNode('cat /etc/kubernetes/pki/kubelet.key')).toBe('good');
    expect(await inNode('cat /etc/kubernetes/pki/other.key'), 'others are published all the same').toBe('x');
    await files.installFileSet(pair('kubelet', 'better'));
    expect(await inNode('cat /etc/kubernetes/pki/kubelet.key')).toBe('better');
  });

  test('heals a public path that somebody removed or replaced', async () => {
    await inNode(
      'rm /etc/kubernetes/pki/apiserver.crt; rm /etc/kubernetes/pki/apiserver.key; echo mine >/etc/kubernetes/pki/apiserver.key',
    );
    await files.installFileSet(pair('apiserver', 'two'));
    expect(await inNode('cat /etc/kubernetes/pki/apiserver.crt /etc/kubernetes/pki/apiserver.key')).toBe('twotwo');
  });

  test('of the CNI directory is copied, and taken away again', async () => {
    await files.installFileSet(cniSet('10-first.conflist'));
    expect(await inNode('find /etc/cni/net.d -maxdepth 1 -type f')).toBe('/etc/cni/net.d/10-first.conflist\n');
    await files.installFileSet(cniSet('20-second.conflist'));
    expect(await inNode('find /etc/cni/net.d -maxdepth 1 -type f')).toBe('/etc/cni/net.d/20-second.conflist\n');
  });

  test('may come from two workers at once', async () => {
    const second = it.open().files(it.declaration, it.node);
    await Promise.all([installFour(files, 'left'), installFour(second, 'right'), installFour(files, 'middle')]);
    expect(await inNode('cat /etc/kubernetes/pki/left.key /etc/kubernetes/pki/right.crt')).toBe('left-3right-3');
  });

  test('leaves no secret in what Docker tells about its container', async () => {
    const secret = randomBytes(16).toString('hex');
    await files.installFileSet(pair('secret', secret));
    const told = await inNode('docker inspect cke-files; docker logs cke-files 2>&1; docker diff cke-files');
    expect(told).not.toContain(secret);
    expect(await inNode('cat /etc/kubernetes/pki/secret.key')).toBe(secret);
  });

  test('with a path outside its root is refused', async () => {
    const set = pair('apiserver', 'x');
    for (const path of ['/etc/shadow', '/etc/kubernetes/../shadow', '/etc/kubernetes/a b', '/etc/kubernetes']) {
      const bad = { ...set, files: [{ path, mode: '0600' as const, bytes: Buffer.from('x') }] };
      expect((await complaintOf(files.installFileSet(bad))).code).toBe('InvalidRequest');
    }
  });

  test('of a newer operation is neither replaced nor withdrawn by an older one; another cluster’s count is its own', async () => {
    const content = () => inNode('cat /etc/kubernetes/pki/fenced.key');
    await files.installFileSet({ ...pair('fenced', 'newer'), by: operation(9) });
    expect((await complaintOf(files.installFileSet({ ...pair('fenced', 'late'), by: operation(8) }))).code).toBe(
      'Fenced',
    );
    expect(await content()).toBe('newer');
    await complaintOf(files.removeFileSets(operation(8)));
    expect(await content()).toBe('newer');
    await files.installFileSet({ ...pair('fenced', 'again'), by: operation(9) });
    await files.installFileSet({ ...pair('fenced', 'theirs'), by: operation(2, 'other') });
    expect(await content()).toBe('theirs');
    await files.removeFileSets(operation(9));
    expect(await inNode('find /etc/kubernetes /etc/cni/net.d -type f -o -type l')).toBe('');
  });

  test('the container that somebody removed is made again', async () => {
    await inNode('docker rm -f cke-files');
    await files.installFileSet(pair('apiserver', 'three'));
    expect(await inNode('cat /etc/kubernetes/pki/apiserver.key')).toBe('three');
  });
});

/** Reads certificate and key of whatever generation is current, again and again, until it is told to stop. */
const readPairs = `cd /etc/kubernetes/.sets/proxy; rm -f /tmp/enough; read=0 different=0 last=
while [ ! -e /tmp/enough ]; do
  generation=$(readlink ..data) || { echo torn: no generation; continue; }
  IFS= read -r certificate <$generation/pki/proxy.crt; IFS= read -r key <$generation/pki/proxy.key
  [ "$certificate" = "$key" ] || echo "torn $certificate $key"
  [ "$key" = "$last" ] || different=$((different + 1))
  last=$key read=$((read + 1))
done
echo "read $read"; echo "different $different"`;

describe('the data directory of etcd', () => {
  const base = '/var/lib/etcd-cke';

  test('is made, looked at, renamed and removed', async () => {
    const [old, trash] = [`${base}/m-1`, `${base}/trash/m-1`];
    expect(await files.directoryState(old)).toBe('absent');
    await files.makeDirectories([{ path: old, mode: '0700' }]);
    expect(await inNode(`stat -c '%a %U' ${old}`)).toBe('700 root\n');
    expect(await files.directoryState(old)).toBe('empty');
    await inNode(`mkdir -p ${old}/member/wal ${old}/member/snap`);
    expect(await files.directoryState(old), 'a directory for a log is no log').toBe('empty');
    await inNode(`truncate -s 64M ${old}/member/wal/0000000000000000-0000000000000000.wal`);
    expect(await files.directoryState(old)).toBe('intact');
    expect(await files.renamePath({ from: old, to: trash })).toBe('renamed');
    expect(await files.renamePath({ from: old, to: trash })).toBe('already-renamed');
    expect(await files.directoryState(trash)).toBe('intact');
    expect(await files.removeTree(trash)).toBe('removed');
    expect(await files.removeTree(trash)).toBe('absent');
    expect(await files.renamePath({ from: old, to: trash })).toBe('absent');
  });

  test('is never renamed onto another one', async () => {
    await files.makeDirectories([
      { path: `${base}/m-2`, mode: '0700' },
      { path: `${base}/m-3`, mode: '0700' },
    ]);
    expect((await complaintOf(files.renamePath({ from: `${base}/m-2`, to: `${base}/m-3` }))).got).toContain('exists');
  });

  test.each(['/etc/passwd', '/var/lib/etcd-cke', '/var/lib/etcd-cke/../docker', '/etc/kubernetes/a\tb'])(
    '%s is not ours to remove',
    async (path) => {
      expect((await complaintOf(files.removeTree(path))).code).toBe('InvalidRequest');
    },
  );

  test('cannot be looked at without the file container: unknown, not absent', async () => {
    await inNode('docker rm -f cke-files');
    expect((await complaintOf(files.directoryState(`${base}/m-2`))).code).toBe('DockerFailed');
  });
});

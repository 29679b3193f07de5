import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeFiles } from './files.ts';
import type { NodeFilesOptions } from './files.ts';
import { hasSysResource } from './runtime.ts';

const node = { name: 'cp-1', address: '10.88.7.11', link: 'ckvabc' };
const other = { name: 'worker-1', address: '10.88.7.12', link: 'ckvdef' };
const lab = { gateway: '10.88.7.1', prefixLength: 24, nodes: [node, other] };

function fileOf(path: string, runtime: NodeFilesOptions['runtime']): string | undefined {
  const files = nodeFiles({ lab, node, machineId: 'f'.repeat(32), authorizedKey: 'ssh-ed25519 AAAA lab\n\n', runtime });
  return files.find((file) => file.path === path)?.text;
}

describe('what is particular to a node?', () => {
  test('it knows itself and the others', () => {
    expect(fileOf('etc/hosts', 'runc')).toContain('10.88.7.12 worker-1\n10.88.7.11 cp-1\n');
    expect(fileOf('etc/lab-node.env', 'runc')).toBe(
      'NODE_ADDRESS=10.88.7.11\nNODE_PREFIX=24\nNODE_GATEWAY=10.88.7.1\n',
    );
    expect(fileOf('etc/ssh/authorized_keys/cke', 'runc')).toBe('ssh-ed25519 AAAA lab\n');
  });

  test('where every capability is there, runc is left alone', () => {
    expect(fileOf('usr/local/sbin/runc-lab', 'runc')).toBeUndefined();
    expect(fileOf('etc/docker/daemon.json', 'runc')).not.toContain('runtimes');
    expect(fileOf('etc/containerd/config.toml', 'runc')).toContain('restrict_oom_score_adj = false');
  });

  test('where CAP_SYS_RESOURCE is missing, Docker and containerd use the wrapper', () => {
    expect(JSON.parse(fileOf('etc/docker/daemon.json', 'wrapped-runc') ?? '')).toMatchObject({
      'default-runtime': 'lab',
    });
    expect(fileOf('etc/containerd/config.toml', 'wrapped-runc')).toContain('BinaryName = "/usr/local/sbin/runc-lab"');
  });
});

test.each([
  ['create --bundle DIR id', 'config.json'],
  ['--log x create -b DIR id', 'config.json'],
  ['exec --process DIR/process.json id', 'process.json'],
])('does the wrapper take the capability out for `runc %s`?', (commandLine, file) => {
  const directory = mkdtempSync(join(tmpdir(), 'runc-'));
  try {
    const wrapper = join(directory, 'runc-lab');
    const text = fileOf('usr/local/sbin/runc-lab', 'wrapped-runc') ?? '';
    writeFileSync(wrapper, text.replace('exec /usr/sbin/runc', 'exec true'));
    chmodSync(wrapper, 0o755);
    writeFileSync(
      join(directory, file),
      '{"a":["CAP_KILL","CAP_SYS_RESOURCE","CAP_MKNOD"],"b":["CAP_KILL","CAP_SYS_RESOURCE"],"oomScoreAdj":-500}',
    );
    execFileSync(wrapper, commandLine.replace('DIR', directory).split(' '));
    expect(readFileSync(join(directory, file), 'utf8')).toBe(
      '{"a":["CAP_KILL","CAP_MKNOD"],"b":["CAP_KILL"],"oomScoreAdj":0}',
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.each([
  ['000001ffffffffff', true],
  ['000001fffeffffff', false],
])('is CAP_SYS_RESOURCE in a bounding set of %s?', (set, there) => {
  expect(hasSysResource(`Name:\tnode\nCapBnd:\t${set}\nCapAmb:\t0\n`)).toBe(there);
});

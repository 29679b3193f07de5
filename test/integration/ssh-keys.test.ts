import { readFileSync } from 'node:fs';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { publicLineOf } from '../../activities/vault/ssh-keys.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { complaintOf, startTestNode, type TestNode } from '../fixtures/lab-node.ts';

let it: TestNode;

beforeAll(async () => {
  it = await startTestNode('ssh-keys');
});
afterAll(() => it?.stop());

const inNode = (script: string) => it.host.exec(['sh', '-c', script]);

/** What sshd is told to read; connections that stand stay. */
async function sshdReads(files: string): Promise<void> {
  await inNode(`sed -i 's#^AuthorizedKeysFile .*#AuthorizedKeysFile ${files}#' /etc/ssh/sshd_config
    kill -HUP "$(pgrep -ox sshd)"`);
  await expect
    .poll(async () => (await it.host.attempt(['sh', '-c', 'ss -Hltn sport = :22 | grep -q .'])).code, patiently)
    .toBe(0);
}

/** The machine that carries the lab may be busy. */
const patiently = { timeout: 20_000 };

const newKey = (): string => ssh2.utils.generateKeyPairSync('ed25519').private;
const old = (): string => readFileSync(it.lab.paths.sshKey, 'utf8');
const lineOf = (key: string): string => publicLineOf(key, 'cke-test');

function doorOf(file: string) {
  const declaration: Declaration = { ...it.declaration, ssh: { ...it.declaration.ssh, authorized_keys_file: file } };
  return it.open().authorizedKeys(declaration, it.target);
}

/** Only the lab's own key opens it, by either file; sshd reads these. */
async function openedByTheOldKey(reads: string): Promise<void> {
  await inNode(`set -e
    home=$(getent passwd cke | cut -d : -f 6)
    rm -rf "$home/.ssh" && mkdir -p -m 700 "$home/.ssh"
    echo '${lineOf(old())}' | tee "$home/.ssh/authorized_keys" >/etc/ssh/authorized_keys/cke
    chown -R cke "$home" /etc/ssh/authorized_keys/cke
    chmod 755 "$home"; chmod 600 "$home/.ssh/authorized_keys" /etc/ssh/authorized_keys/cke`);
  await sshdReads(reads);
}

describe.each([
  ['the home directory', '.ssh/authorized_keys', '.ssh/authorized_keys'],
  ['a declared place', '/etc/ssh/authorized_keys/%u', '/etc/ssh/authorized_keys/%u'],
])('the key of a node is exchanged: %s', (_what, reads, declared) => {
  beforeEach(() => openedByTheOldKey(reads));

  test('both open it, then the new one alone, and somebody else’s stays', async () => {
    const [coming, somebody] = [newKey(), newKey()];
    const door = doorOf(declared);
    expect(await door.tryKey(coming)).toBe('is refused');
    await door.add(lineOf(somebody));
    await door.add(lineOf(coming));
    await door.add(lineOf(coming));
    expect(await Promise.all([old(), coming, somebody].map((key) => door.tryKey(key)))).toEqual([
      'opens',
      'opens',
      'opens',
    ]);
    await door.remove(lineOf(old()));
    await door.remove(lineOf(old()));
    expect(await Promise.all([old(), coming, somebody].map((key) => door.tryKey(key)))).toEqual([
      'is refused',
      'opens',
      'opens',
    ]);
    const fresh = it.open({ privateKey: () => Promise.resolve(coming) });
    expect(await fresh.docker(it.target).list()).toEqual([]);
  });
});

test('a file that our user may not write: who, what and the cure', async () => {
  await openedByTheOldKey('/etc/ssh/authorized_keys/%u');
  await inNode('chown root /etc/ssh/authorized_keys/cke; chmod 644 /etc/ssh/authorized_keys/cke');
  const said = await complaintOf(doorOf('/etc/ssh/authorized_keys/%u').add(lineOf(newKey())));
  expect(said).toMatchObject({ code: 'NodeAuthentication', node: 'cp-1', remedy: 'never' });
  expect(said.message).toContain('/etc/ssh/authorized_keys/cke could not be changed');
  expect(said.fix).toContain('ssh.authorized_keys_file');
});

test('a machine that was reinstalled is quarantined, until a person accepts the key that it shows', async () => {
  await openedByTheOldKey('/etc/ssh/authorized_keys/%u');
  const reach = () => it.open().docker(it.target).list();
  await reach();
  await inNode(`rm /etc/ssh/ssh_host_ed25519_key*
    ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key`);
  await sshdReads('/etc/ssh/authorized_keys/%u');
  const shown = (await inNode('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')).split(' ')[1] ?? '';
  const said = await complaintOf(reach());
  expect(said).toMatchObject({ code: 'NodeHostKeyChanged', got: shown });
  expect(said.fix).toContain(`cke-client ssh accept-host-key cp-1 ${shown}`);
  it.pinned.set(it.target.address, shown);
  expect(await reach()).toEqual([]);
});

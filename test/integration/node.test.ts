import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { defaultDeadlines } from '../../activities/node/deadlines.ts';
import type { NodeDocker } from '../../activities/node/docker.ts';
import { CkeError } from '../../cluster/errors.ts';
import { complaintOf, startTestNode, type TestNode } from '../fixtures/lab-node.ts';

let it: TestNode;

const complaintCode = (error: unknown) => (error instanceof CkeError ? error.complaint.code : String(error));

const get = (_cluster: string, address: string) => Promise.resolve(it.pinned.get(address));

beforeAll(async () => {
  it = await startTestNode('test-node');
});
afterAll(() => it?.stop());

/** The machine that carries the lab may be busy. */
const patiently = { timeout: 20_000 };

const inNode = (script: string) => it.host.exec(['sh', '-c', script]);

/** Starts sshd anew with other lines at the top of its configuration, and ends the standing connections. */
async function withSshd(lines: string, then: () => Promise<void>): Promise<void> {
  await inNode(
    `cp /etc/ssh/sshd_config /tmp/sshd_config; { echo '${lines}'; cat /tmp/sshd_config; } >/etc/ssh/sshd_config`,
  );
  await restartSshd();
  try {
    await then();
  } finally {
    await inNode('cp /tmp/sshd_config /etc/ssh/sshd_config');
    await restartSshd();
  }
}

async function restartSshd(): Promise<void> {
  await it.host.stopService('sshd');
  await inNode('for pid in $(pgrep -x sshd); do kill $pid 2>/dev/null; done; true');
  await it.host.startService('sshd');
  await until(async () => (await it.host.attempt(['sh', '-c', 'ss -Hltn sport = :22 | grep -q .'])).code === 0);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const limit = Date.now() + 15_000;
  while (!(await holds())) {
    if (Date.now() > limit) throw new Error('it did not happen within 15 s');
    await sleep(50);
  }
}

const untilUsed = (docker: NodeDocker) =>
  until(() =>
    docker.list().then(
      () => true,
      () => false,
    ),
  );

describe('why can I not use this node?', () => {
  test('nobody answers at its address', async () => {
    const target = { ...it.target, address: '10.255.255.1' };
    const said = await complaintOf(
      it
        .open({ deadlines: { ...defaultDeadlines, connect: 500 } })
        .docker(target)
        .list(),
    );
    expect(said).toMatchObject({ code: 'NodeUnreachable', node: 'cp-1', remedy: 'retry' });
    expect(said.message).toContain('cp-1 (10.255.255.1)');
  });

  test('sshd is down', async () => {
    const said = await complaintOf(
      it
        .open()
        .docker({ ...it.target, port: 2222 })
        .list(),
    );
    expect(said).toMatchObject({ code: 'NodeUnreachable', got: 'ECONNREFUSED' });
  });

  test('the key is not authorised', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const other = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    const said = await complaintOf(
      it
        .open({ privateKey: () => Promise.resolve(other) })
        .docker(it.target)
        .list(),
    );
    expect(said).toMatchObject({ code: 'NodeAuthentication', remedy: 'never' });
    expect(JSON.stringify(said)).not.toContain(other.slice(40, 80));
  });

  test('what Vault has is no key', async () => {
    const said = await complaintOf(
      it
        .open({ privateKey: () => Promise.resolve('hello') })
        .docker(it.target)
        .list(),
    );
    expect(said.code).toBe('NodeAuthentication');
  });

  test('its host key is another one, declared or pinned', async () => {
    const target = { ...it.target, user: 'stranger' };
    const declared = { ...target, hostKey: `SHA256:${'A'.repeat(43)}` };
    const said = await complaintOf(it.open().docker(declared).list());
    expect(said).toMatchObject({ code: 'NodeHostKeyChanged', remedy: 'never' });
    expect(said.got).toMatch(/SHA256:/);
    const pinned = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    const hostKeys = { get: () => Promise.resolve(pinned), pin: () => Promise.reject(new Error('must not pin')) };
    expect((await complaintOf(it.open({ hostKeys }).docker(target).list())).code).toBe('NodeHostKeyChanged');
    await complaintOf(
      it
        .open()
        .docker({ ...target, user: 'nobody-known' })
        .list(),
    );
    await expect.poll(() => inNode('cat /var/log/lab/sshd.log'), patiently).toContain('nobody-known');
    expect(await inNode('cat /var/log/lab/sshd.log'), 'nothing was sent').not.toContain('stranger');
  });

  test('Docker is not running', async () => {
    await it.host.stopService('dockerd');
    await until(async () => (await it.host.attempt(['test', '-e', '/run/lab/dockerd.pid'])).code === 0);
    await until(async () => !(await inNode('pgrep -x dockerd || true')).trim());
    try {
      const said = await complaintOf(it.open().docker(it.target).list());
      expect(said).toMatchObject({
        code: 'DockerMissing',
        got: expect.stringMatching(/does not exist|nothing listens/),
      });
    } finally {
      await it.host.startService('dockerd');
      await until(async () => (await it.host.attempt(['docker', 'version'])).code === 0);
    }
  });

  test('the user is not in group docker', async () => {
    await inNode('gpasswd -d cke docker');
    try {
      const said = await complaintOf(it.open().docker(it.target).list());
      expect(said).toMatchObject({ code: 'DockerDenied', got: expect.stringContaining('permission denied') });
      expect(said.fix).toContain('usermod -aG docker cke');
    } finally {
      await inNode('gpasswd -a cke docker');
    }
  });

  test('sshd forwards nothing', async () => {
    await withSshd('AllowStreamLocalForwarding no', async () => {
      const said = await complaintOf(it.open().docker(it.target).list());
      expect(said).toMatchObject({ code: 'DockerForwardingOff', remedy: 'never' });
    });
  });

  test('and now nothing is wrong any more', async () => {
    expect(await it.open().docker(it.target).list()).toEqual([]);
  });
});

async function logins(): Promise<number> {
  const log = await inNode('cat /var/log/lab/sshd.log');
  return log.split('\n').filter((line) => /Accepted|Failed|authenticating user/.test(line)).length;
}

describe('connections', () => {
  test('an unknown host is pinned once, after the login, and needed again', async () => {
    it.pinned.clear();
    await it.open().docker(it.target).list();
    expect([...it.pinned]).toEqual([[it.target.address, expect.stringMatching(/^ssh-ed25519 AAAA/)]]);
    await it
      .open({ hostKeys: { get, pin: () => Promise.reject(new Error('pinned twice')) } })
      .docker(it.target)
      .list();
  });

  test('a declared fingerprint, of whatever type, is enough', async () => {
    const printed = await inNode('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub');
    const hostKey = printed.split(' ')[1];
    const hostKeys = {
      get: () => Promise.reject(new Error('not asked')),
      pin: () => Promise.reject(new Error('not pinned')),
    };
    const target = { ...it.target, ...(hostKey !== undefined && { hostKey }) };
    expect(await it.open({ hostKeys }).docker(target).list()).toEqual([]);
  });

  test('many callers, one login; a hundred requests take little time', async () => {
    const before = await logins();
    const docker = it.open().docker(it.target);
    await Promise.all(Array.from({ length: 20 }, () => docker.list()));
    const start = performance.now();
    for (let request = 0; request < 100; request += 1) await docker.list();
    const spent = performance.now() - start;
    console.log(`100 requests one after the other: ${Math.round(spent)} ms`);
    expect(spent).toBeLessThan(15_000);
    expect((await logins()) - before).toBe(1);
  });

  test('a private key that was replaced is used from then on', async () => {
    const privateKey = vi.fn(it.privateKey);
    const docker = it.open({ privateKey, deadlines: { ...defaultDeadlines, keyCheck: 0 } }).docker(it.target);
    await docker.list();
    privateKey.mockResolvedValue('another one');
    await docker.events({ signal: AbortSignal.timeout(200), onEvent: () => undefined }).catch(() => undefined);
    await expect.poll(() => docker.list().then(() => 'fine', complaintCode), patiently).toBe('NodeAuthentication');
  });

  test('a lost connection is dialled again on the next use', async () => {
    const docker = it.open().docker(it.target);
    await docker.list();
    await restartSshd();
    expect(await docker.list()).toEqual([]);
  });

  test('a node that goes silent: the call ends at its deadline, and the node is used again when it is back', async () => {
    const nodes = it.open({ deadlines: { ...defaultDeadlines, list: 1_000, channel: 1_000, connect: 1_000 } });
    const docker = nodes.docker(it.target);
    await docker.list();
    await it.host.partition();
    try {
      const start = Date.now();
      expect((await complaintOf(docker.list())).code).toBe('NodeUnreachable');
      expect(Date.now() - start).toBeLessThan(4_000);
    } finally {
      await it.host.heal();
    }
    await untilUsed(docker);
  });

  test('a Docker that hangs is not taken for a node that is gone', async () => {
    const docker = it.open({ deadlines: { ...defaultDeadlines, list: 1_000 } }).docker(it.target);
    await docker.list();
    await inNode('kill -STOP $(cat /run/lab/dockerd.pid)');
    try {
      const said = await complaintOf(docker.list());
      expect(said).toMatchObject({ code: 'DockerFailed', got: 'no answer within 1 s' });
    } finally {
      await inNode('kill -CONT $(cat /run/lab/dockerd.pid)');
    }
    await untilUsed(docker);
  });

  test('a node that goes silent ends the stream of its events, though nothing tells us so', async () => {
    const open = Promise.withResolvers<void>();
    const docker = it.open().docker(it.target);
    const signal = AbortSignal.timeout(60_000);
    const following = complaintOf(docker.events({ signal, onEvent: () => undefined, onOpen: () => open.resolve() }));
    await open.promise;
    await it.host.partition();
    try {
      const start = Date.now();
      expect((await following).code).toBe('NodeUnreachable');
      expect(Date.now() - start).toBeLessThan(25_000);
    } finally {
      await it.host.heal();
    }
    await untilUsed(docker);
  });

  test('through a bastion', async () => {
    const bastion = { address: it.target.address, port: it.target.port, user: it.target.user };
    const target = { ...it.target, name: 'inner', address: '127.0.0.1', bastion };
    expect(await it.open().docker(target).list()).toEqual([]);
  });
});

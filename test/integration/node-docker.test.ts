import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ContainerEvent } from '../../activities/node/container-events.ts';
import type { NodeDocker } from '../../activities/node/docker.ts';
import type { ContainerSpec } from '../../cluster/components/spec.ts';
import { complaintOf, startTestNode, type TestNode } from '../fixtures/lab-node.ts';

let it: TestNode;
let docker: NodeDocker;

beforeAll(async () => {
  it = await startTestNode('test-node');
  docker = it.open().docker(it.target);
});
beforeEach(() => inNode('docker rm -f rivers etcd kubelet 2>/dev/null || true'));
afterAll(() => it?.stop());

/** The machine that carries the lab may be busy. */
const patiently = { timeout: 20_000 };

const inNode = (script: string) => it.host.exec(['sh', '-c', script]);

/** A container that lives until it is stopped. */
const spec: ContainerSpec = {
  image: 'cke.lab/busybox:1',
  command: ['sh', '-c', 'trap "exit 3" TERM; echo "hello from $WHO"; echo second >&2; while :; do sleep 0.1; done'],
  env: { WHO: 'rivers' },
  mounts: [],
  tmpfs: [],
  privilege: 'none',
  pid: 'container',
  restart: 'no',
  stop_seconds: 5,
};
const labels = { 'cke.cluster': 'demo', 'cke.spec': '{"some":"json"}' };

async function run(name = 'rivers', other: Partial<ContainerSpec> = {}): Promise<string> {
  const { id } = await docker.create({ name, spec: { ...spec, ...other }, labels });
  await docker.start(id);
  return id;
}

describe('a container', () => {
  test('is created, started, listed, looked at, stopped and removed', async () => {
    const created = await docker.create({ name: 'rivers', spec, labels });
    expect(created.outcome).toBe('created');
    expect(await docker.start(created.id)).toBe('started');
    const [listed] = await docker.list();
    expect(listed).toMatchObject({ id: created.id, name: 'rivers', image: spec.image, labels, state: 'running' });
    expect(await docker.inspect('rivers')).toMatchObject({
      id: created.id,
      state: 'running',
      restarts: 0,
      exitCode: 0,
    });
    // Docker reads the two streams side by side: which comes first is chance.
    const logged = async () => (await docker.logs(created.id, 5)).toSorted();
    await expect.poll(logged, patiently).toEqual(['hello from rivers', 'second']);
    expect(await docker.stop(created.id, 5)).toBe('stopped');
    expect(await docker.list()).toMatchObject([{ state: 'exited', exitCode: 3, upSeconds: 0 }]);
    expect(await docker.remove(created.id)).toBe('removed');
    expect(await docker.list()).toEqual([]);
  });

  test('has the host’s network and name, a read-only root, a rotated log, and nobody’s key in sight', async () => {
    const id = await run('kubelet', {
      privilege: 'privileged',
      pid: 'host',
      restart: 'always',
      tmpfs: ['/scratch'],
      mounts: [
        {
          source: '/var/lib/kubelet',
          destination: '/kubelet',
          access: 'rw',
          propagation: 'rshared',
          source_kind: 'created',
        },
        { source: '/var/lib/not-there-yet', destination: '/made', access: 'ro', source_kind: 'created' },
        { source: '/etc/hostname', destination: '/name', access: 'ro', source_kind: 'required' },
      ],
    });
    const inside = (command: string) => inNode(`docker exec ${id} sh -c '${command}'`);
    expect((await inside('hostname')).trim()).toBe('cp-1');
    expect(await inside('cat /name')).toBe('cp-1\n');
    expect(await inside('cat /proc/1/comm')).toMatch(/tini/);
    expect((await it.host.attempt(['docker', 'exec', id, 'touch', '/x'])).stderr).toContain('Read-only');
    expect((await it.host.attempt(['docker', 'exec', id, 'touch', '/made/x'])).stderr).toContain('Read-only');
    await inside('touch /scratch/x /kubelet/x');
    const seen: unknown = JSON.parse(await inNode(`docker inspect ${id} --format '{{json .HostConfig}}'`));
    expect(seen).toMatchObject({
      NetworkMode: 'host',
      UTSMode: 'host',
      RestartPolicy: { Name: 'always' },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    });
  });

  test('whose required directory is missing is refused, and the directory is not made', async () => {
    const mounts = [{ source: '/var/lib/gone', destination: '/d', access: 'rw', source_kind: 'required' } as const];
    const said = await complaintOf(docker.create({ name: 'etcd', spec: { ...spec, mounts }, labels }));
    expect(said).toMatchObject({
      code: 'DockerFailed',
      got: expect.stringContaining('bind source path does not exist'),
    });
    expect((await it.host.attempt(['test', '-e', '/var/lib/gone'])).code).toBe(1);
  });

  test('whose required directory was removed while it was stopped does not start', async () => {
    await inNode('mkdir -p /var/lib/soon-gone');
    const mounts = [
      { source: '/var/lib/soon-gone', destination: '/d', access: 'rw', source_kind: 'required' } as const,
    ];
    const id = await run('etcd', { mounts });
    await docker.stop(id, 1);
    await inNode('rmdir /var/lib/soon-gone');
    expect(await complaintOf(docker.start(id))).toMatchObject({ code: 'DockerFailed' });
    expect((await docker.inspect(id))?.state).toBe('exited');
  });

  test('whose program is missing says so', async () => {
    const { id } = await docker.create({ name: 'rivers', spec: { ...spec, command: ['no-such-program'] }, labels });
    expect((await complaintOf(docker.start(id))).got).toContain('no-such-program');
  });

  test('that dies again and again is seen to', async () => {
    const id = await run('rivers', { command: ['sh', '-c', 'echo dying; exit 7'], restart: 'always' });
    await expect.poll(async () => (await docker.inspect(id))?.restarts, patiently).toBeGreaterThan(1);
    expect(await docker.logs(id, 1)).toEqual(['dying']);
  });
});

describe('a call that comes late', () => {
  test('finds the name taken: nothing is created, and it learns by whom', async () => {
    const id = await run();
    expect(await docker.create({ name: 'rivers', spec, labels })).toEqual({ outcome: 'exists', id });
  });

  test('starts and stops what is started and stopped already', async () => {
    const id = await run();
    expect(await docker.start(id)).toBe('already-running');
    await docker.stop(id, 1);
    expect(await docker.stop(id, 1)).toBe('already-stopped');
  });

  test('finds its container gone, and leaves the one that has its name now alone', async () => {
    const old = await run();
    await docker.stop(old, 1);
    await docker.remove(old);
    const now = await run();
    expect([await docker.start(old), await docker.stop(old, 1), await docker.remove(old)]).toEqual([
      'gone',
      'gone',
      'gone',
    ]);
    expect(await docker.logs(old, 5)).toEqual([]);
    expect(await docker.inspect(old)).toBeUndefined();
    expect(await docker.list()).toMatchObject([{ id: now, state: 'running' }]);
  });

  test('never removes a running container', async () => {
    const id = await run();
    expect(await complaintOf(docker.remove(id))).toMatchObject({ code: 'DockerFailed' });
    expect(await docker.list()).toMatchObject([{ id, state: 'running' }]);
  });
});

describe('images', () => {
  test('are there or not', async () => {
    expect(await docker.hasImage('haproxy:3.0.10')).toBe(true);
    expect(await docker.hasImage('haproxy:9.9.9')).toBe(false);
    const references = (await docker.images()).flatMap((image) => image.references);
    expect(references).toContain('registry.k8s.io/kube-apiserver:v1.34.4');
  });

  test('are removed by name; what a container is made from stays', async () => {
    const [kept, old] = ['cke.lab/busybox:1', 'cke.lab/old:1'];
    await inNode(`docker tag ${kept} ${old}`);
    await run('etcd', { image: old });
    await inNode(`docker rmi ${kept} && docker tag ${old} ${kept}`);
    expect(await docker.removeImage(old)).toBe('removed');
    expect(await docker.removeImage(old)).toBe('gone');
    expect(await docker.removeImage(kept)).toBe('in-use');
    expect(await docker.hasImage(kept)).toBe(true);
  });

  test('that no registry gives are named in the error, at create and at pull', async () => {
    const image = '127.0.0.1:5999/nobody/nothing:1';
    const said = await complaintOf(docker.pull(image));
    expect(said).toMatchObject({ code: 'ImageMissing', message: expect.stringContaining(image) });
    const create = docker.create({ name: 'rivers', spec: { ...spec, image }, labels });
    expect((await complaintOf(create)).code).toBe('ImageMissing');
  });
});

describe('events', () => {
  test('tell of our containers, and of no others, until nobody listens any more', async () => {
    const listening = new AbortController();
    const seen: ContainerEvent[] = [];
    const open = Promise.withResolvers<void>();
    const following = docker.events({
      signal: listening.signal,
      onEvent: (event) => seen.push(event),
      onOpen: () => open.resolve(),
    });
    await open.promise;
    await inNode('docker run --rm --network none --name stranger cke.lab/busybox:1 true');
    const id = await run('etcd', { command: ['sh', '-c', 'exit 5'] });
    await expect.poll(() => seen.map(({ action }) => action), patiently).toEqual(['create', 'start', 'die']);
    expect(seen.at(-1)).toMatchObject({ container: 'etcd', id, exitCode: 5 });
    listening.abort();
    await following;
  });

  test('end with an error when Docker goes away', async () => {
    const open = Promise.withResolvers<void>();
    const following = complaintOf(
      docker.events({ signal: AbortSignal.timeout(60_000), onEvent: () => undefined, onOpen: () => open.resolve() }),
    );
    await open.promise;
    await it.host.stopService('dockerd');
    try {
      expect(await following).toMatchObject({ code: 'DockerFailed', node: 'cp-1' });
    } finally {
      await it.host.startService('dockerd');
      await expect
        .poll(
          () =>
            docker.list().then(
              () => 'up',
              () => 'down',
            ),
          patiently,
        )
        .toBe('up');
    }
  });
});

test('Docker tells what preflight wants to know', async () => {
  const facts = await docker.facts();
  expect(facts).toMatchObject({
    cgroupDriver: 'cgroupfs',
    storageDriver: 'overlay2',
    rootDirectory: '/var/lib/docker',
  });
  expect(Math.abs(facts.clockOffset.milliseconds) - facts.clockOffset.uncertainty).toBeLessThan(100);
});

/** What the node lacks; the machine that carries the lab may swap. */
async function lacking(): Promise<string[]> {
  const found = await it.open().preflight(it.declaration, it.node, (image) => docker.pull(image));
  return found.filter((sentence) => !sentence.startsWith('swap'));
}

describe('before a node is first touched', () => {
  test('nothing is lacking on a good one', async () => {
    expect(await lacking()).toEqual([]);
  });

  test('everything that is lacking is said at once, and nothing is left behind', async () => {
    await inNode('sysctl -qw net.ipv4.ip_forward=0; mv /run/containerd/containerd.sock /run/containerd/other.sock');
    const server = '$s = IO::Socket::INET->new(LocalPort => 6443, Listen => 1) or die; sleep 600';
    await inNode(`setsid perl -MIO::Socket::INET -e '${server}' >/dev/null 2>&1 & echo $! >/tmp/server.pid`);
    await expect.poll(() => inNode('ss -Hltn sport = :6443'), patiently).not.toBe('');
    try {
      expect(await lacking()).toEqual([
        'net/ipv4/ip_forward is 0, want 1: sysctl -w net.ipv4.ip_forward=1',
        'port 6443 is in use, and kube-apiserver needs it',
        'there is no CRI socket at /run/containerd/containerd.sock',
      ]);
    } finally {
      await inNode(
        'kill $(cat /tmp/server.pid); sysctl -qw net.ipv4.ip_forward=1; mv /run/containerd/other.sock /run/containerd/containerd.sock',
      );
    }
    expect(await inNode('docker ps -aq --filter name=cke-preflight')).toBe('');
  });
});

import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorities } from '../../cluster/certificates/certificate.ts';
import { rotatables, tokenSigner, type Rotatable } from '../../cluster/certificates/trust.ts';
import type { RotationProgress } from '../../workflows/contracts.ts';
import { ask, newIdentity, retryingApiClient, type Identity } from './api-client.ts';
import { withDeaths, type Boundary } from './deaths.ts';
import { declaredNames, writeDeclaration } from './declaration.ts';
import { fromJson } from './json.ts';
import { prepareKubectl, standingCluster } from './standing.ts';
import { apply, cke, cluster, figure, kubectl, lab, reconcile, run, seconds, status } from './story.ts';

/** `npm run test:ca` rotates everything; `npm test` the two whose rotation touches most. */
const all = env['CKE_E2E_ALL_CAS'] === '1';
const rotated: readonly Rotatable[] = all ? rotatables : ['etcd-peer', 'kubernetes'];

/** A few minutes on a machine that is not busy. */
const longest = 1_800_000;

const controlPlanes = declaredNames.filter((name) => name.startsWith('cp-'));

/** In the order in which the rotation of etcd-peer comes to them: all that changes something, in each stage. */
const boundaries: Boundary[] = [
  { activity: 'beginRotation', when: 'after' },
  { activity: 'installFiles', when: 'after' },
  { activity: 'restartMember', when: 'after' },
  { activity: 'awaitMemberSynced', when: 'after' },
  { activity: 'settleHolders', when: 'after' },
  { activity: 'advanceRotation', when: 'before' },
  { activity: 'advanceRotation', when: 'after' },
  { activity: 'installFiles', when: 'before' },
  { activity: 'restartMember', when: 'before' },
  { activity: 'advanceRotation', when: 'after' },
  { activity: 'restartMember', when: 'after' },
  { activity: 'lookAtRotation', when: 'after' },
  { activity: 'advanceRotation', when: 'after' },
];

const dies = (of: Rotatable): boolean => all && of === 'etcd-peer';

describe('CAs are rotated under a client that retries', { timeout: longest }, () => {
  beforeAll(async () => {
    await standingCluster();
    await apply(writeDeclaration((document) => document.setIn(['ca_rotation', 'token_overlap_hours'], 0)));
    await kubectl('create', 'deployment', 'ca-reader', '--image=cke.lab/echo:1', '--replicas=2');
    await kubectl('rollout', 'status', 'deployment/ca-reader', '--timeout=180s');
  });
  afterAll(async () => {
    await prepareKubectl();
    await kubectl('delete', 'deployment', 'ca-reader', '--ignore-not-found');
    await apply(writeDeclaration());
  });

  test.each(rotated)('%s: no request is lost, and what is old is refused at the end', async (of) => {
    const before = await showings(of);
    const old = await newIdentity();
    const client = retryingApiClient(controlPlanes);
    const begun = performance.now();
    const { from, to } = await (dies(of) ? withDeaths(boundaries, () => rotate(of)) : rotate(of));
    figure(`rotation of ${of}`, seconds(performance.now() - begun));
    const answered = await client.stop();
    figure(`requests answered during the rotation of ${of}`, answered);
    expect(answered).toBeGreaterThan(0);
    expect(client.failed, 'requests that no retry saved').toEqual([]);
    expect(await issuersOf(of)).toEqual([to]);
    expect(from).not.toBe(to);
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
    expect((await status()).rotations).toEqual([]);
    const after = await showings(of);
    for (const [door, { url, identity, knock = ask }] of after.entries()) {
      const { cert, key } = before[door]?.identity ?? identity;
      expect(await knock(url, identity), `${url} with a certificate of the new CA`).toBe(200);
      // The server is believed: what is refused is the client.
      expect(await knock(url, { ca: identity.ca, cert, key }), `${url} with one of the old CA`).not.toBe(200);
    }
    if (of === 'kubernetes') await podsKnowTheNewCaOnly(old);
  });

  test('a rotation is turned around while both are trusted', async () => {
    const before = await issuersOf('kubernetes-aggregation');
    const going = cke('certificates', 'rotate-ca', 'kubernetes-aggregation', '--cluster', cluster);
    await expect.poll(async () => (await status()).rotations.length, { timeout: 60_000, interval: 500 }).toBe(1);
    const back = await cke('certificates', 'rotate-ca', 'kubernetes-aggregation', '--rollback', '--cluster', cluster);
    expect(back.stderr + back.stdout).toContain('rolled back to');
    expect((await going).code).toBe(0);
    expect(await issuersOf('kubernetes-aggregation')).toEqual(before);
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
  });
});

async function rotate(of: Rotatable): Promise<RotationProgress> {
  const options = ['--restart-pods', '--cluster', cluster, '--output', 'json'];
  const { code, stdout, stderr } = await cke('certificates', 'rotate-ca', of, ...options);
  if (code !== 0) throw new Error(`rotate-ca ${of} ended with ${code}: ${stderr.slice(-2000)}`);
  return fromJson<RotationProgress>(stdout);
}

async function issuersOf(of: Rotatable): Promise<(string | undefined)[]> {
  if (of === tokenSigner) return (await trustedNow(of)) ?? [];
  const path = `cke/${cluster}/ca-${of}`;
  const ids = fromJson<string[]>(await run('vault', 'list', '-format=json', `${path}/issuers`));
  return Promise.all(
    ids.map(async (id) => (await run('vault', 'read', '-field=issuer_name', `${path}/issuer/${id}`)).trim()),
  );
}

async function trustedNow(of: Rotatable): Promise<string[] | undefined> {
  const stored = fromJson<{ trust?: Partial<Record<Rotatable, { issuer?: string }>> }>(await latestRevision());
  const issuer = stored.trust?.[of]?.issuer;
  return issuer === undefined ? undefined : [issuer];
}

async function latestRevision(): Promise<string> {
  const range = ['--prefix', '--print-value-only', '--order=DESCEND', '--limit=1'];
  return run('etcdctl', 'get', `cke/${cluster}/declarations/`, ...range);
}

/** A door, and a certificate that opens it now. */
interface Showing {
  readonly url: string;
  readonly identity: Identity;
  readonly knock?: typeof ask;
}

/** From cp-1: a member lets in only who comes from an address in the certificate. */
async function knockFromMember(url: string, { ca, cert, key }: Identity): Promise<number | string> {
  const { host, pathname } = new URL(url);
  const script = `d=$(mktemp -d); trap 'rm -rf "$d"' EXIT
    printf %s "$1" > "$d/ca"; printf %s "$2" > "$d/cert"; printf %s "$3" > "$d/key"
    (printf 'GET %s HTTP/1.0\r\n\r\n' "$5"; sleep 1) |
      openssl s_client -quiet -verify_return_error -connect "$4" -CAfile "$d/ca" -cert "$d/cert" -key "$d/key" 2>&1`;
  const { stdout } = await lab.node('cp-1').attempt(['sh', '-c', script, 'knock', ca, cert, key, host, pathname]);
  return stdout.includes(' 200 OK') ? 200 : stdout.slice(-200);
}

/** Doors that verify clients by the CA, and what a program on cp-1 shows there. */
async function showings(of: Rotatable): Promise<Showing[]> {
  const [here, there] = [lab.node('cp-1'), lab.node('cp-2')];
  const read = async (path: string) => here.exec(['cat', path]);
  const pair = async (path: string, ca: string): Promise<Identity> => ({
    ca: await read(ca),
    cert: await read(`${path}.crt`),
    key: await read(`${path}.key`),
  });
  switch (of) {
    case 'etcd-peer':
      return [
        {
          url: `https://${there.address}:2380/version`,
          identity: await pair('/etc/etcd/pki/peer', '/etc/etcd/pki/ca-peer.crt'),
          knock: knockFromMember,
        },
      ];
    case 'etcd-client':
      return [
        {
          url: `https://${there.address}:2379/version`,
          identity: await pair('/etc/kubernetes/pki/apiserver-etcd-client', '/etc/kubernetes/pki/etcd-ca.crt'),
        },
      ];
    case 'kubernetes': {
      const identity = await newIdentity();
      const paths = [`https://${there.address}:6443/api/v1/namespaces`, `https://${there.address}:10250/pods`];
      return paths.map((url) => ({ url, identity }));
    }
    default:
      return [];
  }
}

/** Pods were restarted, read the new CA, and what API servers publish for others has the old one no more. */
async function podsKnowTheNewCaOnly(old: Identity): Promise<void> {
  await prepareKubectl();
  const { ca } = await newIdentity();
  const published = await kubectl('get', 'configmap', 'kube-root-ca.crt', '-o', 'jsonpath={.data.ca\\.crt}');
  expect(published.trim()).toBe(ca.trim());
  const deployment = await kubectl('get', 'deployment', 'ca-reader', '-o', 'json');
  expect(deployment).toContain('cke.cybozu.com/restarted-for');
  const name = ['-n', 'kube-system', 'extension-apiserver-authentication'];
  const verifiers = await kubectl('get', 'configmap', ...name, '-o', 'jsonpath={.data.client-ca-file}');
  expect(verifiers).not.toContain(old.ca.trim());
  expect(verifiers.trim()).toBe(ca.trim());
}

test('the authorities of Vault and of this story are the same', () => {
  expect(rotatables).toEqual([...authorities, tokenSigner]);
});

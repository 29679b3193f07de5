import { expect } from 'vitest';
import { tokenSigner, type Rotatable } from '../../cluster/certificates/trust.ts';
import type { RotationProgress } from '../../workflows/contracts.ts';
import { newIdentity, type Identity } from './api-client.ts';
import { fromJson } from './json.ts';
import { prepareKubectl } from './standing.ts';
import { cke, cluster, kubectl, run } from './story.ts';

/** Rotates from the command line, pods that hold the old CA included, and waits for the end. */
export async function rotate(of: Rotatable): Promise<RotationProgress> {
  const options = ['--restart-pods', '--cluster', cluster, '--output', 'json'];
  const { code, stdout, stderr } = await cke('certificates', 'rotate-ca', of, ...options);
  if (code !== 0) throw new Error(`rotate-ca ${of} ended with ${code}: ${stderr.slice(-2000)}`);
  return fromJson<RotationProgress>(stdout);
}

/** The issuers that Vault has of an authority, by name. */
export async function issuersOf(of: Rotatable): Promise<(string | undefined)[]> {
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

/** Pods were restarted, read the new CA, and what API servers publish for others has the old one no more. */
export async function podsKnowTheNewCaOnly(old: Identity): Promise<void> {
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

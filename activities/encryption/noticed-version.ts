import { createHash } from 'node:crypto';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { controlPlanes } from '../../cluster/declaration/nodes.ts';
import type { OwnCredentials } from '../credentials.ts';
import type { Kubernetes } from '../kubernetes/kubernetes.ts';

interface NoticedInput {
  declaration: Declaration;
  /** Version of the transit key, which is what the plugin calls the key's id. */
  version: number;
  /** Control planes that need not have noticed: a person has said so. */
  without: readonly string[];
  kubernetes: Pick<Kubernetes, 'kmsKeyId'>;
  credentials: OwnCredentials;
}

/**
 * Why it can't be said that every API server writes with this version of the transit key; undefined when it can. Each asks its plugin once a
 * minute, and tells the hash of the answer among its metrics.
 */
export async function whyNotNoticed(input: NoticedInput): Promise<string | undefined> {
  const { declaration, version, without, kubernetes } = input;
  const credentials = await input.credentials.kubernetes(declaration);
  const wanted = keyIdHash(version);
  const reasons = controlPlanes(declaration)
    .filter(({ name }) => !without.includes(name))
    .map(async ({ name, address }) => {
      const seen = await kubernetes.kmsKeyId({ address, credentials });
      if (seen.state === 'unknown') return `whether the API server on ${name} knows kms v${version}: ${seen.because}`;
      if (seen.hash === wanted) return undefined;
      return `the API server on ${name} does not know of kms v${version} yet: it asks its plugin once a minute`;
    });
  return (await Promise.all(reasons)).find((reason) => reason !== undefined);
}

const keyIdHash = (version: number): string => `sha256:${createHash('sha256').update(String(version)).digest('hex')}`;

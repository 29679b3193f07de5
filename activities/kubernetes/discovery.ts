import { z } from 'zod';
import { isMissing } from './failure.ts';
import type { ApiServer } from './servers.ts';

/** Where the objects of a kind are. */
export interface KindPath {
  plural: string;
  scope: 'namespaced' | 'cluster';
}

const listSchema = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

/** What an API server serves, by API version; asked again for a kind that was not there. */
export type Discovery = (apiVersion: string, kind: string) => Promise<KindPath | undefined>;

export function discoveryOf(send: ApiServer['send']): Discovery {
  const known = new Map<string, Map<string, KindPath>>();
  return async (apiVersion, kind) => {
    const found = known.get(apiVersion)?.get(kind);
    if (found !== undefined) return found;
    const kinds = await kindsOf(send, apiVersion);
    known.set(apiVersion, kinds);
    return kinds.get(kind);
  };
}

/** The path of an API version, e.g. `/apis/apps/v1`. */
export const versionPath = (apiVersion: string): string =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

async function kindsOf(send: ApiServer['send'], apiVersion: string): Promise<Map<string, KindPath>> {
  try {
    const { resources } = listSchema.parse(await send({ method: 'GET', path: versionPath(apiVersion) }));
    return new Map(
      resources
        .filter(({ name }) => !name.includes('/'))
        .map(({ name, kind, namespaced }) => [kind, { plural: name, scope: namespaced ? 'namespaced' : 'cluster' }]),
    );
  } catch (error) {
    if (isMissing(error)) return new Map();
    throw error;
  }
}

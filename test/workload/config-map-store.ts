import { ApiException, type CoreV1Api } from '@kubernetes/client-node';
import type { Store } from './etcd-store.ts';

const namespace = 'default';

/** ConfigMaps, each changed with the resourceVersion of what was read. */
export function configMapStore(core: CoreV1Api): Store {
  return {
    async read(object) {
      try {
        const { data, metadata } = await core.readNamespacedConfigMap({ namespace, name: object });
        return { value: data?.['value'] ?? '', version: metadata?.resourceVersion ?? '' };
      } catch (error) {
        if (codeOf(error) === 404) return undefined;
        throw error;
      }
    },
    async write(object, held, value) {
      const metadata = { name: object, ...(held !== undefined && { resourceVersion: held.version }) };
      const body = { metadata, data: { value } };
      try {
        if (held === undefined) await core.createNamespacedConfigMap({ namespace, body });
        else await core.replaceNamespacedConfigMap({ namespace, name: object, body });
        return 'ok';
      } catch (error) {
        if (codeOf(error) === 409) return 'failed';
        throw error;
      }
    },
  };
}

function codeOf(error: unknown): number | undefined {
  return error instanceof ApiException ? error.code : undefined;
}

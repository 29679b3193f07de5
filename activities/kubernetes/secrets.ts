import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { classifyKubernetesError } from './failure.ts';
import type { ApiServer } from './servers.ts';

/** A writer that changes a Secret all the time meets us now and then; the API server tries five times by itself, too. */
const attempts = 10;

/** The answer tells the names only. */
const metadataOnly = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/**
 * Has the API server read and write a Secret: an empty patch changes nothing, but what was encrypted with another key than the first is
 * stored anew all the same. Neither the request nor the answer holds the content. Can be repeated.
 */
export async function rewriteAt(
  { core }: ApiServer,
  { namespace, name }: { namespace: string; name: string },
): Promise<void> {
  const headers = setHeaderOptions('Accept', metadataOnly, setHeaderOptions('Content-Type', PatchStrategy.MergePatch));
  for (let attempt = 1; ; attempt++) {
    try {
      await core.patchNamespacedSecret({ namespace, name, body: {} }, headers);
      return;
    } catch (error) {
      const { kind } = classifyKubernetesError(error);
      if (kind === 'missing') return;
      if (kind !== 'conflict' || attempt === attempts) throw error;
    }
  }
}

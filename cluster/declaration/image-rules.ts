import type { Parts } from './cross-rules.ts';
import { imageNames } from './images.ts';
import { problemAt } from './problem.ts';
import type { Problem } from './problem.ts';
import { resolveImages, resolvedImageFinding } from './resolved-images.ts';

/** Images fit the declared version, and are pinned where that is required. Rule D-09. */
export function imageProblems({ fields: { kubernetes_version, images, secrets_encryption } }: Parts): Problem[] {
  if (kubernetes_version === undefined || images === undefined) return [];
  const resolved = resolveImages(kubernetes_version, images);
  const context = { kubernetesVersion: kubernetes_version, requireDigests: images.require_digests };
  const used = imageNames.filter((name) => name !== 'vault-kms' || secrets_encryption?.provider === 'kms');
  return used.flatMap((name) => {
    const finding = resolvedImageFinding(name, resolved[name], context);
    return finding === undefined ? [] : [problemAt(['images', name], resolved[name], finding)];
  });
}

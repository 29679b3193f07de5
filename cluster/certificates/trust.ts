import { authorities, pluginAuthority } from './certificate.ts';

/** The key pair that signs service-account tokens: no CA, rotated in the same stages. */
export const tokenSigner = 'service-account-signer';

/** What can be rotated; the CA of the plugin only where one runs (`demandRotatable`). */
export const rotatables = [...authorities, tokenSigner, pluginAuthority] as const;

export type Rotatable = (typeof rotatables)[number];

/**
 * The stages of a rotation, each entered only when the one before is seen complete everywhere (rules C-01, C-06):
 * `trust-both` verifiers learn the new issuer beside the old one; `reissue` every leaf comes from the new one; `overlap` what
 * was signed before is left to expire (tokens only); `drop-old` verifiers forget the old one.
 */
export const rotationStages = ['trust-both', 'reissue', 'overlap', 'drop-old'] as const;

export type RotationStage = (typeof rotationStages)[number];

/** How pods that began before the new CA was published get it: people are asked, they are restarted, or left as they are. */
export type PodPolicy = 'ask' | 'restart' | 'leave';

export interface Rotation {
  stage: RotationStage;
  /** Issuers by their names in Vault; a name is never used twice. */
  from: string;
  to: string;
  /** Who began it, and when (RFC 3339); `since` is when its stage began. */
  by: string;
  startedAt: string;
  since: string;
  /** `back` when a person has turned it around: then `to` is the issuer that was there first. */
  direction: 'forward' | 'back';
  /** Nodes that it does not wait for: a person has said so. */
  without: string[];
  pods: PodPolicy;
  /**
   * Issuer that was given up when a rotation was turned around. What the old one signs says so ever after: a leaf that was made before can't be
   * taken for one that was made since, whatever was under way on its node at that moment.
   */
  insteadOf?: string;
}

/** Which issuers of an authority count: `settled` on one, or on the way from one to another. */
export type AuthorityTrust = { stage: 'settled'; issuer: string; insteadOf?: string } | Rotation;

/** By authority. One that was never rotated has no entry: all issuers that Vault has are trusted, its default one signs. */
export type ClusterTrust = Partial<Record<Rotatable, AuthorityTrust>>;

/**
 * The issuers that verifiers must trust; undefined when nothing is pinned. Sorted, so that a bundle of two is the same in every
 * stage and who only verifies is not disturbed when the signer changes.
 */
export function trustedIssuers(trust: ClusterTrust | undefined, of: Rotatable): string[] | undefined {
  const one = trust?.[of];
  if (one === undefined) return undefined;
  if (one.stage === 'settled') return [one.issuer];
  return one.stage === 'drop-old' ? [one.to] : [one.from, one.to].toSorted();
}

/** The issuer that signs; undefined when nothing is pinned. */
export function signingIssuer(trust: ClusterTrust | undefined, of: Rotatable): string | undefined {
  return signature(trust, of).issuer;
}

/** The issuer that signs, and the one that it was taken back from; nothing of it when nothing is pinned. */
export function signature(trust: ClusterTrust | undefined, of: Rotatable): { issuer?: string; insteadOf?: string } {
  const one = trust?.[of];
  if (one === undefined) return {};
  const mark = one.insteadOf === undefined ? {} : { insteadOf: one.insteadOf };
  if (one.stage === 'settled') return { issuer: one.issuer, ...mark };
  if (one.stage === 'trust-both') return { issuer: one.from, ...mark };
  return { issuer: one.to, ...(one.direction === 'back' && mark) };
}

/** The rotations that have not ended. */
export function openRotations(trust: ClusterTrust | undefined): { of: Rotatable; rotation: Rotation }[] {
  return rotatables.flatMap((of) => {
    const one = trust?.[of];
    return one === undefined || one.stage === 'settled' ? [] : [{ of, rotation: one }];
  });
}

/** What follows on a stage that is complete. `at` is RFC 3339. */
export function afterStage(of: Rotatable, rotation: Rotation, at: string): AuthorityTrust {
  switch (rotation.stage) {
    case 'trust-both':
      return { ...rotation, stage: 'reissue', since: at };
    case 'reissue':
      return { ...rotation, stage: of === tokenSigner ? 'overlap' : 'drop-old', since: at };
    case 'overlap':
      return { ...rotation, stage: 'drop-old', since: at };
    case 'drop-old':
      return settledOn(rotation);
  }
}

function settledOn({ to: issuer, direction, insteadOf }: Rotation): AuthorityTrust {
  const marked = direction === 'back' && insteadOf !== undefined;
  return { stage: 'settled', issuer, ...(marked && { insteadOf }) };
}

/**
 * The same rotation turned around: leaves go back to the old issuer, then the new one is dropped. Undefined from `drop-old` on: some
 * verifier may have forgotten the old issuer already. `at` is RFC 3339.
 */
export function turnedBack(rotation: Rotation, at: string): Rotation | undefined {
  const { from, to, stage, direction } = rotation;
  if (direction === 'back') return rotation;
  if (stage === 'drop-old') return undefined;
  // While both were being learned nothing came from the new issuer: it can be forgotten at once.
  const turned = { ...rotation, from: to, to: from, since: at, direction: 'back' as const };
  return stage === 'trust-both' ? { ...turned, stage: 'drop-old' } : { ...turned, stage: 'reissue', insteadOf: to };
}

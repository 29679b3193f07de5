import type { Declaration } from '../declaration/declaration.ts';
import type { CertificateKind, IssuedCertificate } from './certificate.ts';

const hour = 3_600_000;

/** Vault's clock and ours may differ by this much. */
const slack = 5 * 60_000;

/** A person's wish that certificates be issued anew: all, or those of a kind, of a node, or both. */
export interface Rotation {
  /** One more than that of the rotation before. Certificates that it is about and whose generation is lower are due. */
  generation: number;
  kind?: CertificateKind;
  node?: string;
  by: string;
  /** RFC 3339. */
  at: string;
  /** The same for each attempt to write it down. */
  id: string;
}

/** The generation of a certificate that is issued now: 1, and one more for each rotation that was asked for and is about it. */
export function wantedGeneration(
  rotations: readonly Rotation[],
  { kind, node }: { kind: CertificateKind; node: string },
): number {
  const about = rotations.filter((one) => (one.kind ?? kind) === kind && (one.node ?? node) === node);
  return Math.max(1, ...about.map(({ generation }) => generation));
}

export interface Renewal {
  /** What one node holds for one component. */
  certificates: readonly IssuedCertificate[];
  node: string;
  /** RFC 3339: when it was looked. */
  at: string;
  renewBeforeHours: number;
  lifetimeHours: number;
  rotations?: readonly Rotation[];
}

/** The declared lifetimes, as a renewal wants them. */
export function lifetimesOf({ certificates }: Pick<Declaration, 'certificates'>) {
  const { lifetime_hours, renew_before_hours } = certificates;
  return { lifetimeHours: lifetime_hours, renewBeforeHours: renew_before_hours };
}

/** Why a node's certificates must be issued anew, as a sentence; undefined when all are fresh. Rule C-03. */
export function whyRenew({
  certificates,
  node,
  at,
  renewBeforeHours,
  lifetimeHours,
  rotations = [],
}: Renewal): string | undefined {
  if (certificates.length === 0) return undefined;
  const now = Date.parse(at);
  const early = certificates.find(({ notBefore }) => Date.parse(notBefore) > now);
  if (early) return `its ${early.kind} certificate is not valid before ${early.notBefore}`;
  const [first] = certificates
    .filter((one) => Date.parse(one.notAfter) - now <= renewBeforeHours * hour)
    .toSorted((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter));
  if (first) return `its ${first.kind} certificate ${ends(first, now)} at ${first.notAfter}`;
  const late = certificates.find(({ notAfter }) => Date.parse(notAfter) - now > lifetimeHours * hour + slack);
  if (late) return `its ${late.kind} certificate ends at ${late.notAfter}, which is later than its lifetime allows now`;
  const old = certificates.find((one) => (one.generation ?? 1) < wantedGeneration(rotations, { ...one, node }));
  if (old === undefined) return undefined;
  const wanted = wantedGeneration(rotations, { ...old, node });
  const asked = rotations.find(({ generation }) => generation === wanted);
  return `${asked?.by} asked for generation ${wanted} of its ${old.kind} certificate`;
}

const ends = ({ notAfter }: IssuedCertificate, now: number): string =>
  Date.parse(notAfter) <= now ? 'has expired' : 'expires';

/** When a certificate is renewed by itself: milliseconds since 1970. */
export const renewsAt = ({ notAfter }: Pick<IssuedCertificate, 'notAfter'>, renewBeforeHours: number): number =>
  Date.parse(notAfter) - renewBeforeHours * hour;

/**
 * How far a certificate has come. `due`: it is renewed by itself; `overdue`: half of the time for that has passed, and it was not; people
 * are told.
 */
export function stateOf(
  { notAfter }: Pick<IssuedCertificate, 'notAfter'>,
  at: string,
  renewBeforeHours: number,
): 'fresh' | 'due' | 'overdue' | 'expired' {
  const left = Date.parse(notAfter) - Date.parse(at);
  if (left <= 0) return 'expired';
  if (left <= (renewBeforeHours / 2) * hour) return 'overdue';
  return left <= renewBeforeHours * hour ? 'due' : 'fresh';
}

/** The first certificate that should have been renewed long ago, as a sentence. */
export function overdue(
  certificates: readonly IssuedCertificate[],
  at: string,
  renewBeforeHours: number,
): string | undefined {
  if (certificates.length === 0) return undefined;
  const late = certificates.filter((one) => ['overdue', 'expired'].includes(stateOf(one, at, renewBeforeHours)));
  const [first] = late.toSorted((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter));
  return first && `its ${first.kind} certificate expires at ${first.notAfter}, and was not renewed`;
}

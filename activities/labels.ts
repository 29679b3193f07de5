import { createHash } from 'node:crypto';
import type { IssuedCertificate } from '../cluster/certificates/certificate.ts';
import { specText, type ComponentSpec } from '../cluster/components/spec.ts';
import { memoByIdentity } from '../cluster/memo.ts';
import type { Mandate } from './contracts/mandates.ts';

/** Labels on every container of ours: what `docker inspect` tells an operator, and what drift is measured by. Nothing secret. */
const label = {
  cluster: 'cke.cluster',
  component: 'cke.component',
  epoch: 'cke.epoch',
  revision: 'cke.revision',
  digest: 'cke.digest',
  spec: 'cke.spec',
  certificates: 'cke.certificates',
  previousImage: 'cke.previous-image',
} as const;

interface LabelInput {
  mandate: Mandate;
  spec: ComponentSpec;
  certificates: IssuedCertificate[];
  /** What the component ran on before: kept on the node, to go back to. */
  previousImage?: string | undefined;
}

export function containerLabels({ mandate, spec, certificates, previousImage }: LabelInput): Record<string, string> {
  const text = specText(spec);
  return {
    [label.cluster]: mandate.cluster,
    [label.component]: spec.component,
    [label.epoch]: String(mandate.epoch),
    [label.revision]: String(mandate.revision),
    [label.digest]: specDigest(spec),
    [label.spec]: text,
    [label.certificates]: JSON.stringify(certificates),
    ...(previousImage !== undefined && { [label.previousImage]: previousImage }),
  };
}

const specDigest = memoByIdentity((spec: ComponentSpec) =>
  createHash('sha256').update(specText(spec)).digest('hex').slice(0, 16),
);

export interface ReadLabels {
  cluster: string | undefined;
  epoch: number;
  spec: string | undefined;
  certificates: IssuedCertificate[];
  previousImage: string | undefined;
}

/** Reads the labels of a container that may not be ours: then its spec is undefined, which counts as drift. */
export function readLabels(labels: Record<string, string>): ReadLabels {
  return {
    cluster: labels[label.cluster],
    epoch: Number(labels[label.epoch] ?? 0),
    spec: labels[label.spec],
    certificates: certificatesOf(labels[label.certificates]),
    previousImage: labels[label.previousImage],
  };
}

function certificatesOf(text: string | undefined): IssuedCertificate[] {
  try {
    const parsed: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(parsed) ? (parsed as IssuedCertificate[]) : [];
  } catch {
    return [];
  }
}

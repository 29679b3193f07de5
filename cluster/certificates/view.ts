import { componentsOf } from '../components/component-spec.ts';
import { parseSpec } from '../components/drift.ts';
import type { Component } from '../components/component.ts';
import type { Declaration } from '../declaration/declaration.ts';
import type { Observation } from '../observation.ts';
import type { CertificateKind, CertificateRequest } from './certificate.ts';
import { lifetimesOf, renewsAt, stateOf } from './expiry.ts';
import { heldCertificates } from './held.ts';

/** A certificate that a node holds, for people and for gauges. Times are RFC 3339. */
export interface CertificateView {
  kind: CertificateKind;
  node: string;
  component: Component;
  /** E.g. `CN=system:node:cp-1, O=system:nodes`. */
  subject: string;
  /** DNS names, then IP addresses. */
  sans: string[];
  serial: string;
  notBefore: string;
  notAfter: string;
  generation: number;
  /** When it is renewed by itself. */
  renewsAt: string;
  state: ReturnType<typeof stateOf>;
}

export interface CertificatesView {
  cluster: string;
  at: string;
  certificates: CertificateView[];
  /** Nodes whose certificates could not be seen, with the reason. */
  unknown: { node: string; because: string }[];
}

export interface Scope {
  kind?: CertificateKind;
  node?: string;
}

interface Seen {
  declaration: Declaration;
  observation: Observation;
}

/** Pure: the certificates that nodes hold, by node and kind. */
export function viewCertificates({ declaration, observation }: Seen, scope: Scope = {}): CertificatesView {
  const nodes = declaration.nodes.filter(({ name }) => (scope.node ?? name) === name);
  const certificates = nodes.flatMap((node) =>
    componentsOf(declaration, node).flatMap((component) =>
      viewComponent({ declaration, observation }, { node: node.name, component }),
    ),
  );
  const unknown = nodes.flatMap(({ name }) => {
    const seen = observation.nodes[name];
    return seen?.state === 'observed' ? [] : [{ node: name, because: seen?.because ?? 'it was not looked at' }];
  });
  return {
    cluster: declaration.name,
    at: observation.at,
    certificates: certificates.filter(({ kind }) => (scope.kind ?? kind) === kind),
    unknown,
  };
}

function viewComponent(
  { declaration, observation }: Seen,
  { node, component }: { node: string; component: Component },
): CertificateView[] {
  const seen = observation.nodes[node];
  const label = seen?.state === 'observed' ? seen.containers[component]?.spec : undefined;
  const files = parseSpec(label ?? '')?.files ?? [];
  const { renewBeforeHours } = lifetimesOf(declaration);
  return heldCertificates(observation, node, component).map(({ generation = 1, ...one }) => {
    const file = files.find((each) => 'certificate' in each && each.certificate.kind === one.kind);
    const request = file && 'certificate' in file ? file.certificate : undefined;
    return {
      ...one,
      node,
      component,
      subject: subjectOf(request),
      sans: [...(request?.dnsNames ?? []), ...(request?.ipAddresses ?? [])],
      generation,
      renewsAt: new Date(renewsAt(one, renewBeforeHours)).toISOString(),
      state: stateOf(one, observation.at, renewBeforeHours),
    };
  });
}

function subjectOf(request: CertificateRequest | undefined): string {
  if (request === undefined) return 'not known';
  return [`CN=${request.commonName}`, ...request.organizations.map((name) => `O=${name}`)].join(', ');
}

/** Whether a person should look: something was not renewed in time, or can't be seen. */
export function isAlarming({ certificates, unknown }: Pick<CertificatesView, 'certificates' | 'unknown'>): boolean {
  return unknown.length > 0 || certificates.some(({ state }) => state === 'overdue' || state === 'expired');
}

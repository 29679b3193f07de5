import { expect } from 'vitest';
import { componentsOf } from '../../cluster/components/component-spec.ts';
import type { Declaration, NodeDeclaration } from '../../cluster/declaration/declaration.ts';
import { controlPlaneNames } from '../../cluster/declaration/nodes.ts';
import { parseDeclaration } from '../../cluster/declaration/parse.ts';
import { bare, pairsOn, serialsForNodes } from './certificates.ts';
import { allContainers, certificatesOf } from './containers.ts';
import type { Container } from './containers.ts';
import { acceptedDeclaration } from './servers.ts';
import { figure, lab, status } from './story.ts';

interface Interrupted {
  readonly declaration: string;
  /** File sets that were being made when a worker died or Vault went away: the certificates of each may have been for nothing. */
  readonly setsLost: number;
}

/** Nothing is doubled and nothing is half: containers, members, certificates with their keys. */
export async function expectWhole({ declaration: text, setsLost }: Interrupted): Promise<void> {
  const parsing = parseDeclaration(text);
  if (parsing.outcome !== 'accepted') throw new Error('the declaration is not accepted');
  const { declaration } = parsing;
  const containers = await allContainers(declaration.nodes.map(({ name }) => lab.node(name)));
  expect(namesOf(containers), 'containers').toEqual(wantedContainers(declaration));
  await expectMembers(controlPlaneNames(declaration));
  await expectPairs(containers, setsLost);
}

/** On every node of the lab that is on there is what is declared and nothing else, and etcd has a member for each control plane. */
export async function expectStanding(): Promise<void> {
  const declaration = await acceptedDeclaration();
  await expectMembers(controlPlaneNames(declaration));
  expect(namesOf(await allContainers()), 'containers in the whole lab').toEqual(wantedContainers(declaration));
}

const namesOf = (containers: readonly Container[]): string[] =>
  containers.map(({ node, name }) => `${node}/${name}`).sort();

function wantedContainers(declaration: Declaration): string[] {
  const wanted = (node: NodeDeclaration) => ['cke-files', ...componentsOf(declaration, node)];
  return declaration.nodes.flatMap((node) => wanted(node).map((name) => `${node.name}/${name}`)).sort();
}

async function expectMembers(names: readonly string[]): Promise<void> {
  const { view } = await status();
  const etcd = view?.etcd;
  if (etcd?.state !== 'observed') throw new Error('etcd cannot be observed');
  expect(etcd.members.map(({ node }) => node).sort(), 'etcd members').toEqual([...names].sort());
  expect(etcd.members.map(({ sync }) => sync)).toEqual(names.map(() => 'synced'));
}

async function expectPairs(containers: readonly Container[], setsLost: number): Promise<void> {
  const pairs = (
    await Promise.all([...new Set(containers.map(({ node }) => node))].map((name) => pairsOn(lab.node(name))))
  ).flat();
  expect(
    pairs.filter(({ fits }) => !fits),
    'certificates beside another one’s key',
  ).toEqual([]);
  const labelled = containers.flatMap((container) => certificatesOf(container).map(({ serial }) => bare(serial)));
  expect(unique(pairs.map(({ serial }) => serial)), 'pairs on the nodes are those on the labels').toEqual(
    unique(labelled),
  );
  for (const container of containers) {
    const kinds = certificatesOf(container).map(({ kind }) => kind);
    expect(kinds, `kinds of ${container.name} on ${container.node}`).toEqual([...new Set(kinds)]);
  }
  const issued = unique(await serialsForNodes());
  const unused = issued.filter((serial) => !labelled.includes(serial));
  const largestSet = Math.max(...containers.map((container) => certificatesOf(container).length));
  figure('certificates in use, issued, unused', [unique(labelled).length, issued.length, unused.length].join(', '));
  expect(
    unique(labelled).filter((serial) => !issued.includes(serial)),
    'not from Vault',
  ).toEqual([]);
  expect(unused.length, 'certificates that nobody uses').toBeLessThanOrEqual(setsLost * largestSet);
}

const unique = (values: readonly string[]): string[] => [...new Set(values)].sort();

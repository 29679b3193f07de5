import { wantedSpec } from '../../cluster/decide/wanted-spec.ts';
import { fateOf } from '../../cluster/destruction.ts';
import { componentSpec } from '../../cluster/components/component-spec.ts';
import type { Component } from '../../cluster/components/component.ts';
import type { ComponentSpec } from '../../cluster/components/spec.ts';
import type { Declaration, NodeDeclaration } from '../../cluster/declaration/declaration.ts';
import { departedNode } from '../../cluster/declaration/enrolled.ts';
import { nodeNamed } from '../../cluster/declaration/nodes.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { ComponentMandate, NodeMandate } from '../contracts/mandates.ts';
import type { AcceptedDeclarations } from '../declarations.ts';
import type { NodeDocker } from '../node/docker.ts';
import type { NodeFiles } from '../node/files.ts';
import type { Nodes } from '../node/nodes.ts';
import { nodeTarget } from '../node/target.ts';
import type { Vault } from '../vault/vault.ts';
import { pullOptions } from './registry-logins.ts';
import type { Store } from '../store/store.ts';

/** Where an activity acts: the node of a mandate, as the mandate's revision declares it. */
export interface Place {
  declaration: Declaration;
  node: NodeDeclaration;
  docker: NodeDocker;
  files: NodeFiles;
  /** Has the node pull an image, with the login that is declared for its registry. */
  pull: (image: string) => Promise<void>;
  /** What the node lacks, as sentences. */
  preflight: () => Promise<string[]>;
  /** What a component must be here; etcd's by its recorded membership, the API server's by the recorded keys. */
  wanted: (component: Component) => Promise<ComponentSpec>;
}

/** What can be done on a node that is not to run anything of ours any more. */
export type BarePlace = Pick<Place, 'declaration' | 'node' | 'docker' | 'files'>;

export interface Places {
  at(mandate: NodeMandate): Promise<Place>;
  /**
   * A node that has left the declaration, or any of a cluster that is being taken apart by this very mandate.
   * @throws CkeError StalePlan for one that is declared, or is not on record
   */
  departed(mandate: NodeMandate): Promise<BarePlace>;
  /** A declared node, or one that has left. */
  anywhere(mandate: NodeMandate): Promise<BarePlace>;
  /** The same for what is still to run there: an etcd member counts until it is in the list no more. */
  ofMember(mandate: NodeMandate): Promise<Place>;
}

interface PlacePorts {
  declarations: AcceptedDeclarations;
  nodes: Nodes;
  store: Pick<Store, 'records' | 'destructions'>;
  vault: Pick<Vault, 'registryLogin'>;
}

export function createPlaces({ declarations, nodes, store, vault }: PlacePorts): Places {
  const bare = (declaration: Declaration, node: NodeDeclaration): BarePlace => ({
    declaration,
    node,
    docker: nodes.docker(nodeTarget(declaration, node)),
    files: nodes.files(declaration, node),
  });
  const isGivenUp = async ({ cluster, epoch }: NodeMandate): Promise<boolean> =>
    fateOf(await store.destructions.get(cluster), epoch) === 'given up';
  const departed = async (mandate: NodeMandate): Promise<BarePlace> => {
    const { cluster, revision, node: name } = mandate;
    const { declaration } = await declarations.get(cluster, revision);
    const declared = nodeNamed(declaration, name);
    if (declared !== undefined && (await isGivenUp(mandate))) return bare(declaration, declared);
    const known = (await store.records.all(cluster)).nodes?.[name];
    if (known === undefined) throw stale(name, `${name} is not on record`);
    const here = declaration.nodes.find((node) => node.name === name || node.address === known.address);
    if (here !== undefined) throw stale(name, `${here.name} (${here.address}) is declared: it is not taken apart`);
    return bare(declaration, departedNode(name, known));
  };
  const whole = (declaration: Declaration, node: NodeDeclaration): Place => {
    const here = bare(declaration, node);
    const pull = async (image: string) => here.docker.pull(image, await pullOptions(vault, declaration, image));
    return {
      ...here,
      pull,
      preflight: () => nodes.preflight(declaration, node, pull),
      wanted: async (component) => {
        const recorded = component === 'etcd' || component === 'kube-apiserver';
        if (!recorded) return componentSpec({ declaration, node, component });
        const records = await store.records.all(declaration.name);
        const wanted = wantedSpec({ declaration, observation: { records }, node }, component);
        if (wanted === undefined) throw noMembership(node.name);
        return componentSpec(wanted);
      },
    };
  };
  return {
    async at({ cluster, revision, node: name }) {
      const { declaration } = await declarations.get(cluster, revision);
      const node = nodeNamed(declaration, name);
      if (node === undefined) throw notDeclared(name, revision);
      return whole(declaration, node);
    },
    async ofMember(mandate) {
      const { declaration } = await declarations.get(mandate.cluster, mandate.revision);
      return whole(declaration, nodeNamed(declaration, mandate.node) ?? (await departed(mandate)).node);
    },
    departed,
    async anywhere(mandate) {
      const { declaration } = await declarations.get(mandate.cluster, mandate.revision);
      const node = nodeNamed(declaration, mandate.node);
      return node === undefined ? departed(mandate) : bare(declaration, node);
    },
  };
}

/** Names a component on a node in an error. */
export function placeName({ node, component }: Pick<ComponentMandate, 'node' | 'component'>): string {
  return `${component} on ${node}`;
}

const notDeclared = (node: string, revision: number): CkeError =>
  stale(node, `${node} is not in revision ${revision} of the declaration`);

const noMembership = (node: string): CkeError => stale(node, `${node} has no etcd membership on record`);

function stale(node: string, message: string): CkeError {
  return new CkeError({ code: 'StalePlan', message, node, remedy: 'never' });
}

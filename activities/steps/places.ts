import { etcdMembershipOf } from '../../cluster/decide/etcd-membership.ts';
import { componentSpec } from '../../cluster/components/component-spec.ts';
import type { Component } from '../../cluster/components/component.ts';
import type { ComponentSpec } from '../../cluster/components/spec.ts';
import type { Declaration, NodeDeclaration } from '../../cluster/declaration/declaration.ts';
import { nodeNamed } from '../../cluster/declaration/nodes.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { ComponentMandate, NodeMandate } from '../contracts.ts';
import type { AcceptedDeclarations } from '../declarations.ts';
import type { NodeDocker } from '../node/docker.ts';
import type { NodeFiles } from '../node/files.ts';
import type { Nodes } from '../node/nodes.ts';
import { nodeTarget } from '../node/target.ts';
import type { Store } from '../store/store.ts';

/** Where an activity acts: the node of a mandate, as the mandate's revision declares it. */
export interface Place {
  declaration: Declaration;
  node: NodeDeclaration;
  docker: NodeDocker;
  files: NodeFiles;
  /** What the node lacks, as sentences. */
  preflight: () => Promise<string[]>;
  /** What a component must be here; etcd's by its recorded membership. */
  wanted: (component: Component) => Promise<ComponentSpec>;
}

export interface Places {
  at(mandate: NodeMandate): Promise<Place>;
}

interface PlacePorts {
  declarations: AcceptedDeclarations;
  nodes: Nodes;
  store: Pick<Store, 'records'>;
}

export function createPlaces({ declarations, nodes, store }: PlacePorts): Places {
  return {
    async at({ cluster, revision, node: name }) {
      const { declaration } = await declarations.get(cluster, revision);
      const node = nodeNamed(declaration, name);
      if (node === undefined) throw notDeclared(name, revision);
      return {
        declaration,
        node,
        docker: nodes.docker(nodeTarget(declaration, node)),
        files: nodes.files(declaration, node),
        preflight: () => nodes.preflight(declaration, node),
        wanted: async (component) => {
          if (component !== 'etcd') return componentSpec({ declaration, node, component });
          const records = await store.records.all(cluster);
          const membership = etcdMembershipOf({ declaration, observation: { records }, node });
          if (membership === undefined) throw noMembership(name);
          return componentSpec({ declaration, node, component, membership });
        },
      };
    },
  };
}

/** Names a component on a node in an error. */
export function placeName({ node, component }: Pick<ComponentMandate, 'node' | 'component'>): string {
  return `${component} on ${node}`;
}

function notDeclared(node: string, revision: number): CkeError {
  return new CkeError({
    code: 'StalePlan',
    message: `${node} is not in revision ${revision} of the declaration`,
    node,
    remedy: 'never',
  });
}

function noMembership(node: string): CkeError {
  return new CkeError({
    code: 'StalePlan',
    message: `${node} has no etcd membership on record`,
    node,
    remedy: 'never',
  });
}

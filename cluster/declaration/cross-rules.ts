import { nodeIdentityProblems } from './identity-rules.ts';
import { imageProblems } from './image-rules.ts';
import { networkProblems } from './network-rules.ts';
import { poolProblems } from './pool-rules.ts';
import type { Problem } from './problem.ts';
import { declarationSchema } from './schema.ts';
import type { DeclarationInput } from './schema.ts';

/** The fields of a document that are valid in themselves, and its nodes as they were written. */
export interface Parts {
  fields: Partial<DeclarationInput>;
  nodes: RawNode[];
  /** Names of pools, those that are wrong in themselves included. */
  poolNames: string[];
}

/** A node as written: any of it may be wrong. */
export interface RawNode {
  index: number;
  address: string | undefined;
  hostname: string | undefined;
  hostKey: string | undefined;
  pool: string | undefined;
  controlPlane: boolean | 'unclear';
}

/** Rules between fields. They hold for the valid parts of a document that is not valid as a whole, so that all errors come at once. */
export function crossProblems(root: Record<string, unknown>): Problem[] {
  const parts = {
    fields: validFields(root),
    nodes: rawNodes(root['nodes']),
    poolNames: list(root['pools']).flatMap((pool) => text(field(pool, 'name')) ?? []),
  };
  return [...nodeIdentityProblems(parts), ...poolProblems(parts), ...networkProblems(parts), ...imageProblems(parts)];
}

function validFields(root: Record<string, unknown>): Partial<DeclarationInput> {
  const valid = Object.entries(declarationSchema.shape).flatMap(([name, schema]) => {
    const { success, data } = schema.safeParse(root[name]);
    return success && data !== undefined ? [[name, data] as const] : [];
  });
  return Object.fromEntries(valid);
}

function rawNodes(nodes: unknown): RawNode[] {
  return list(nodes).map((node, index) => {
    const controlPlane = field(node, 'control_plane') ?? false;
    return {
      index,
      address: text(field(node, 'address')),
      hostname: text(field(node, 'hostname')),
      hostKey: text(field(field(node, 'ssh'), 'host_key')),
      pool: text(field(node, 'pool')),
      controlPlane: typeof controlPlane === 'boolean' ? controlPlane : 'unclear',
    };
  });
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

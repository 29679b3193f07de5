import type { Component } from '../../cluster/components/component.ts';
import { componentSpec } from '../../cluster/components/component-spec.ts';
import { explainDrift } from '../../cluster/components/drift.ts';
import { madeImage } from '../../cluster/components/made-image.ts';
import type { EtcdMembershipSpec } from '../../cluster/components/etcd.ts';
import { specText, type ComponentSpec } from '../../cluster/components/spec.ts';
import type { Compare } from '../../cluster/decide/facts.ts';
import type { Declaration, NodeDeclaration } from '../../cluster/declaration/declaration.ts';
import { controlPlaneNames } from '../../cluster/declaration/nodes.ts';
import { declare, optionOf, type Shape } from './model/fleet.ts';

type Wanted = Parameters<typeof componentSpec>[0];

/**
 * Remembers what pure functions returned: schedules ask the same questions thousands of times. It grows with every etcd member
 * that is added, and is thrown away after some thousand schedules.
 */
export interface Memory {
  specs: Map<string, ComponentSpec>;
  specOf(wanted: Wanted): ComponentSpec;
  textOf(wanted: Wanted): string;
  compare: Compare;
  readImage: typeof madeImage;
  declare(shape: Shape): Declaration;
}

interface Known {
  spec: ComponentSpec;
  text: string;
  drift: Map<string | undefined, string | undefined>;
}

type OnNode = Partial<Record<Component, Known>> & { recorded?: Map<string, Known> };

export function createMemory(): Memory {
  const specs = new Map<string, ComponentSpec>();
  const byText = new Map<string, Known>();
  const byContent = new Map<string, Known>();
  const byDeclaration = new WeakMap<Declaration, Map<NodeDeclaration, OnNode>>();
  const shapes = new Map<string, Declaration>();
  const images = new Map<string | undefined, string | undefined>();

  const make = (wanted: Wanted): Known =>
    getOrAdd(byContent, contentOf(wanted), () => {
      const spec = componentSpec(wanted);
      const text = specText(spec);
      specs.set(text, spec);
      return getOrAdd(byText, text, () => ({ spec, text, drift: new Map() }));
    });

  const known = (wanted: Wanted): Known => {
    const { declaration, node, component, membership, ciphers } = wanted;
    const here = getOrAdd(byDeclaration, declaration, () => new Map<NodeDeclaration, OnNode>());
    const onNode = getOrAdd(here, node, (): OnNode => ({}));
    if (membership === undefined && ciphers === undefined) return (onNode[component] ??= make(wanted));
    const recorded = membership === undefined ? ciphers?.join() : membershipText(membership);
    return getOrAdd((onNode.recorded ??= new Map()), `${component} ${recorded}`, () => make(wanted));
  };

  return {
    specs,
    specOf: (wanted) => known(wanted).spec,
    textOf: (wanted) => known(wanted).text,
    compare: (wanted, label) => {
      const { spec, text, drift } = known(wanted);
      if (label === text) return undefined;
      if (!drift.has(label)) drift.set(label, explainDrift(spec, label));
      return drift.get(label);
    },
    readImage: (label) => getOrAdd(images, label, () => madeImage(label)),
    declare: (shape) => getOrAdd(shapes, JSON.stringify(shape), () => declare(shape)),
  };
}

/** All that a spec is made from and that edits in the model change: labels of nodes are not among it. */
function contentOf({ declaration, node, component, membership, ciphers }: Wanted): string {
  const masters = controlPlaneNames(declaration);
  const args = declaration.options[optionOf(component)].extra_args;
  const image = declaration.images[component === 'etcd-rivers' ? 'rivers' : component];
  const member = membership ? membershipText(membership) : '';
  const parts = [component, node.name, image, masters.join(), args.join(' '), member];
  if (ciphers || declaration.trust) parts.push(ciphers?.join() ?? '', JSON.stringify(declaration.trust));
  return parts.join('|');
}

function membershipText(membership: EtcdMembershipSpec): string {
  return membership.start === 'settled' ? membership.directory : JSON.stringify(membership);
}

interface Lookup<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): unknown;
}

function getOrAdd<K, V>(lookup: Lookup<K, V>, key: K, make: () => V): V {
  const found = lookup.get(key);
  if (found !== undefined) return found;
  const made = make();
  lookup.set(key, made);
  return made;
}

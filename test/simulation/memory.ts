import { canonicalJson } from '../../cluster/canonical.ts';
import type { Component } from '../../cluster/components/component.ts';
import { componentSpec } from '../../cluster/components/component-spec.ts';
import { explainDrift } from '../../cluster/components/drift.ts';
import type { ComponentSpec } from '../../cluster/components/spec.ts';
import type { Compare } from '../../cluster/decide/facts.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { declare, type Shape } from './model/fleet.ts';

type Wanted = Parameters<typeof componentSpec>[0];

/** Remembers what pure functions returned: schedules ask the same questions thousands of times. */
export interface Memory {
  specs: Map<string, ComponentSpec>;
  specOf(wanted: Wanted): ComponentSpec;
  textOf(wanted: Wanted): string;
  compare: Compare;
  declare(shape: Shape): Declaration;
  /**
   * The declaration that this edit makes of another: the same object each time. What an edit of one component's arguments, or of
   * labels, does not touch is taken over: specs of the other components are not made again.
   */
  edit(edit: Edit): Declaration;
}

export interface Edit {
  before: Declaration;
  name: string;
  touches: Component[] | 'all';
  make: (before: Declaration) => Declaration;
}

interface Known {
  spec: ComponentSpec;
  text: string;
  drift: Map<string | undefined, string | undefined>;
}

export function createMemory(): Memory {
  const specs = new Map<string, ComponentSpec>();
  const byText = new Map<string, Known>();
  const byDeclaration = new WeakMap<Declaration, Map<string, Known>>();
  const edits = new WeakMap<Declaration, Map<string, Declaration>>();
  const shapes = new Map<string, Declaration>();

  const known = (wanted: Wanted): Known => {
    const { declaration, node, component, membership } = wanted;
    const here = getOrAdd(byDeclaration, declaration, () => new Map<string, Known>());
    const key = `${component} ${node.name} ${membership === undefined ? '' : JSON.stringify(membership)}`;
    return getOrAdd(here, key, () => {
      const spec = componentSpec(wanted);
      const text = canonicalJson(spec);
      specs.set(text, spec);
      return getOrAdd(byText, text, () => ({ spec, text, drift: new Map() }));
    });
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
    declare: (shape) => getOrAdd(shapes, JSON.stringify(shape), () => declare(shape)),
    edit: ({ before, name, touches, make }) =>
      getOrAdd(
        getOrAdd(edits, before, () => new Map<string, Declaration>()),
        name,
        () => {
          const after = make(before);
          if (touches !== 'all' && after !== before) {
            const kept = [...(byDeclaration.get(before) ?? [])].filter(
              ([key]) => !touches.some((one) => key.startsWith(`${one} `)),
            );
            byDeclaration.set(after, new Map(kept));
          }
          return after;
        },
      ),
  };
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

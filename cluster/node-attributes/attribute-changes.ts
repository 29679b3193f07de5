import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import type { Taint } from '../declaration/service-options.ts';
import { list, quoted, shorten } from '../components/drift-text.ts';
import type { KubernetesNode, OwnedAttributes } from '../observation.ts';
import { sameSet } from '../same-set.ts';
import { isReserved, taintId } from './owned-keys.ts';
import { wantedAttributes } from './wanted-attributes.ts';

/** What is to be changed of a Node object. In the maps null removes; `taints` is the whole new list, absent when it stays. */
export interface AttributeChanges {
  because: string;
  labels: Record<string, string | null>;
  annotations: Record<string, string | null>;
  taints?: Taint[];
  /** What is ours once the change is made. */
  owned: OwnedAttributes;
}

interface AttributeInput {
  declaration: Pick<Declaration, 'taint_control_plane'>;
  node: NodeDeclaration;
  live: Pick<KubernetesNode, 'labels' | 'annotations' | 'taints'>;
  owned: OwnedAttributes;
}

/**
 * What has to change for a Node object to have the declared labels, annotations and taints: what is wanted is set, what we
 * set and want no longer is removed, and what others set is left alone. Undefined when nothing has to, the record included.
 */
export function attributeChanges({ declaration, node, live, owned }: AttributeInput): AttributeChanges | undefined {
  const wanted = wantedAttributes(declaration, node);
  const ours = (recorded: string[]) => (key: string) => recorded.includes(key) || isReserved(key, node);
  const labels = mapChanges(wanted.labels, live.labels, ours(owned.labels));
  const annotations = mapChanges(wanted.annotations, live.annotations, ours(owned.annotations));
  const taints = taintChanges(
    wanted.taints,
    live.taints,
    (taint) => owned.taints.includes(taintId(taint)) || isReserved(taint.key, node),
  );
  const next: OwnedAttributes = {
    labels: Object.keys(wanted.labels).sort(),
    annotations: Object.keys(wanted.annotations).sort(),
    taints: wanted.taints.map(taintId).sort(),
  };
  const reasons = [
    ...mapReasons('label', labels, live.labels),
    ...mapReasons('annotation', annotations, live.annotations),
    ...taints.reasons,
  ];
  if (reasons.length === 0 && sameOwnership(owned, next)) return undefined;
  return {
    because: reasons.length === 0 ? 'what we own is to be recorded' : shorten(list(reasons), 160),
    labels,
    annotations,
    ...(taints.reasons.length > 0 && { taints: taints.list }),
    owned: next,
  };
}

function mapChanges(wanted: Record<string, string>, live: Record<string, string>, isOurs: (key: string) => boolean) {
  const set = Object.entries(wanted).filter(([key, value]) => live[key] !== value);
  const removed = Object.keys(live).filter((key) => !Object.hasOwn(wanted, key) && isOurs(key));
  return Object.fromEntries<string | null>([...set, ...removed.map((key) => [key, null] as const)]);
}

function mapReasons(what: string, changes: Record<string, string | null>, live: Record<string, string>): string[] {
  return Object.entries(changes).map(([key, value]) => {
    if (value === null) return `${what} ${key} removed`;
    const before = live[key];
    return before === undefined
      ? `${what} ${key}=${quoted(value)} added`
      : `${what} ${key}: ${quoted(before)} → ${quoted(value)}`;
  });
}

function taintChanges(wanted: Taint[], live: Taint[], isOurs: (taint: Taint) => boolean) {
  if (wanted.length + live.length === 0) return { list: [], reasons: [] };
  const wantedById = new Map(wanted.map((taint) => [taintId(taint), taint]));
  const liveById = new Map(live.map((taint) => [taintId(taint), taint]));
  const added = wanted.filter((taint) => !liveById.has(taintId(taint)));
  const removed = live.filter((taint) => !wantedById.has(taintId(taint)) && isOurs(taint));
  const changed = wanted.filter((taint) => (liveById.get(taintId(taint))?.value ?? taint.value) !== taint.value);
  const kept = live.filter((taint) => !removed.includes(taint)).map((taint) => wantedById.get(taintId(taint)) ?? taint);
  return {
    list: [...kept, ...added],
    reasons: [
      ...added.map((taint) => `taint ${taintId(taint)} added`),
      ...removed.map((taint) => `taint ${taintId(taint)} removed`),
      ...changed.map((taint) => `taint ${taintId(taint)} is to have the value ${quoted(taint.value)}`),
    ],
  };
}

function sameOwnership(a: OwnedAttributes, b: OwnedAttributes): boolean {
  return sameSet(a.labels, b.labels) && sameSet(a.annotations, b.annotations) && sameSet(a.taints, b.taints);
}

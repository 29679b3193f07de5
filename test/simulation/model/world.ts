import type { ApprovalRecord } from '../../../activities/store/approvals.ts';
import type { Component } from '../../../cluster/components/component.ts';
import type { ComponentSpec } from '../../../cluster/components/spec.ts';
import type { Declaration } from '../../../cluster/declaration/declaration.ts';
import type { Version } from '../../../cluster/declaration/versions.ts';
import type { Endpoints } from '../../../cluster/resources/endpoint-slice.ts';
import type { InstalledSet } from './file-sets.ts';
import type { ClusterRecords, ContainerObservation, EtcdRecord, KubernetesNode } from '../../../cluster/observation.ts';

/** The model fleet: what is really so, as opposed to what is observed. Mutable; one world per schedule. */
export interface World {
  /** Seconds. */
  now: number;
  random: Random;
  nextId: number;
  hosts: Map<string, Host>;
  etcd: EtcdTruth;
  kubernetes: KubernetesTruth;
  /** The management etcd. What is in it is replaced and never changed: readers keep what they have read. */
  records: ClusterRecords;
  recordVersion: number;
  /** Questions to people and their answers, kept in the management etcd, too. */
  approvals: ApprovalRecord[];
  epoch: number;
  /** Revision r is at r - 1. */
  declarations: Declaration[];
  /** Specs by their label text: labels are long and few. */
  specs: Map<string, ComponentSpec>;
  /** Nodes that a person has said not to wait for: what they can't do is as it was said. */
  leftOut: Set<string>;
  /** Whether schedules are about the contents of files: everywhere else they are what they should be. */
  files: 'as they should be' | 'looked into';
  violations: Violation[];
  /** While faults last an answer may be lost. */
  faults: 'on' | 'off';
  /** What happened, for people who read a failure. */
  trace: string[];
}

export interface Violation {
  property: string;
  because: string;
}

export type Random = () => number;

export interface Host {
  name: string;
  address: string;
  power: 'on' | 'off';
  link: 'up' | 'cut';
  prepared: 'no' | 'yes';
  containers: Map<Component, ModelContainer>;
  /** etcd data directories by name. */
  directories: Map<string, EtcdDisk>;
  cniConfiguration?: string;
  /** Published file sets, where files are looked into. */
  fileSets: Map<Component, InstalledSet>;
}

export interface ModelContainer {
  id: string;
  component: Component;
  state: ContainerObservation['state'];
  startedAt: number;
  labels: Record<string, string>;
  /** Text of the spec in its label. */
  spec: string;
  restarts: number;
  exitCode: number;
  log: string[];
  /** Whether our own stop or removal of a serving component brought it here. */
  stoppedBy: 'nobody' | 'us' | 'a person';
  /** The file set that its process has read when it began. */
  loaded: InstalledSet | undefined;
  /** A kubelet registers its node once after each start. */
  registered: 'no' | 'yes';
}

/** A data directory: `content` is what a process that starts on it finds. */
export interface EtcdDisk {
  content: 'empty' | 'data';
  memberId: string;
  token: string;
  /** Index of the last entry: in memory of the running process, and on disk unless it was emptied. */
  index: number;
  /** Emptied under a running process, which goes on with what it has in memory until it ends. */
  emptied: 'no' | 'while running';
}

/** What a cluster of members agrees on, at the level of indices (reference: reliability §5.2). */
export interface EtcdTruth {
  /** Undefined until the first member came up. */
  token: string | undefined;
  members: ModelMember[];
  leader: string | undefined;
  /** Index of the last acknowledged write. */
  acknowledged: number;
  authentication: 'enabled' | 'disabled';
  /** What all members have run at the same time: a process of an older minor can't read the data any more. */
  agreedVersion?: Version;
}

export interface ModelMember {
  memberId: string;
  node: string;
  role: 'voter' | 'learner';
  /** A learner that was added and never came up has no name in the member list. */
  started: 'no' | 'yes';
}

export interface KubernetesTruth {
  nodes: Map<string, KubernetesNode>;
  endpoints: Endpoints;
  etcdEndpoints: Endpoints;
  outdatedObjects: string[];
}

export function latest(world: World): Declaration {
  const declaration = world.declarations.at(-1);
  if (declaration === undefined) throw new Error('a world has a declaration');
  return declaration;
}

/** Returns the version of what was written. */
export function putEtcdRecord(world: World, record: EtcdRecord): number {
  world.records = { ...world.records, etcd: record };
  world.recordVersion += 1;
  return world.recordVersion;
}

export function hostOf(world: World, name: string): Host {
  const host = world.hosts.get(name);
  if (host === undefined) throw new Error(`the model has no host ${name}`);
  return host;
}

export const isReachable = ({ power, link }: Host): boolean => power === 'on' && link === 'up';

export function say(world: World, text: string): void {
  world.trace.push(`${String(world.now).padStart(4)}s  ${text}`);
}

export function violate(world: World, property: string, because: string): void {
  if (world.violations.some((known) => known.property === property)) return;
  world.violations.push({ property, because });
  say(world, `VIOLATION ${property}: ${because}`);
}

/** A small seeded generator (mulberry32): the same schedule plays the same way everywhere. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

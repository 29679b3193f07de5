import { asApply, keepingVoters, type Acceptance } from './acceptance.ts';
import type { EditKind } from './edits.ts';
import { isUpkept } from './fleets.ts';
import { editable, type Editable } from './model/fleet.ts';
import { pick } from './schedules.ts';

export type EventKind = 'go on' | 'time' | 'break call' | 'crash' | 'edit' | 'blur' | 'heal' | 'harm' | 'answer';

/** How often each kind of event comes, and which options people edit: a schedule stresses one side of things (swarm testing). */
export interface Weather {
  kinds: EventKind[];
  edited: readonly Editable[];
  edits: readonly EditKind[];
  isAccepted: Acceptance;
  people: People;
}

/** Whether somebody is there to answer what still waits when the faults are over. */
export type People = 'are silent' | 'say yes in the end';

const usual: EditKind[] = [
  'args',
  'args',
  'args',
  'bad flag',
  'bad flag',
  'good again',
  'label',
  'another worker',
  'swap',
];
const members: EditKind[] = ['swap', 'swap', 'swap', 'grow', 'shrink', 'shrink', 'no worker', 'another worker', 'args'];
const versions: EditKind[] = ['kubernetes version', 'kubernetes version', 'kubernetes version', 'etcd version'];

const weathers = played({ isAccepted: keepingVoters, people: 'are silent' }, [
  {
    kinds: mix({ 'go on': 13, time: 2, 'break call': 1, crash: 1, edit: 1, blur: 1, heal: 1, harm: 4 }),
    edited: editable,
    edits: usual,
  },
  {
    kinds: mix({ 'go on': 12, time: 1, 'break call': 3, crash: 4, edit: 2, blur: 0, heal: 1, harm: 1 }),
    edited: ['kube-api', 'etcd'],
    edits: usual,
  },
  {
    kinds: mix({ 'go on': 14, time: 3, 'break call': 1, crash: 1, edit: 4, blur: 1, heal: 0, harm: 0 }),
    edited: editable,
    edits: usual,
  },
  {
    kinds: mix({ 'go on': 11, time: 3, 'break call': 1, crash: 0, edit: 2, blur: 4, heal: 2, harm: 1 }),
    edited: ['kube-api', 'etcd', 'etcd-rivers', 'kubelet'],
    edits: usual,
  },
  {
    kinds: mix({ 'go on': 13, time: 3, 'break call': 1, crash: 1, edit: 2, blur: 1, heal: 1, harm: 2 }),
    edited: ['etcd'],
    edits: members,
  },
  {
    kinds: mix({ 'go on': 14, time: 4, 'break call': 2, crash: 2, edit: 1, blur: 0, heal: 1, harm: 0 }),
    edited: ['etcd'],
    edits: members,
  },
]);

/** Versions and roles change, people answer, and every change is judged as `apply` does. */
const upkeepWeathers = played({ isAccepted: asApply, people: 'say yes in the end' }, [
  {
    kinds: mix({ 'go on': 16, time: 2, 'break call': 1, crash: 1, edit: 2, answer: 1, harm: 1 }),
    edited: editable,
    edits: versions,
  },
  {
    kinds: mix({ 'go on': 13, time: 2, 'break call': 1, crash: 1, edit: 1, blur: 1, heal: 1, harm: 2, answer: 2 }),
    edited: ['kube-api', 'kube-scheduler', 'kubelet'],
    edits: [...versions, 'args', 'bad flag', 'good again', 'label'],
  },
  {
    kinds: mix({ 'go on': 12, time: 2, 'break call': 2, crash: 2, edit: 2, blur: 1, heal: 1, answer: 2 }),
    edited: ['etcd'],
    edits: [...versions, 'swap', 'role', 'another worker', 'no worker'],
  },
  {
    kinds: mix({ 'go on': 13, time: 3, 'break call': 1, crash: 1, edit: 1, blur: 1, heal: 1, harm: 1, answer: 2 }),
    edited: ['etcd'],
    edits: ['role', 'role', 'swap all', 'swap all', 'swap', 'shrink', 'grow', 'kubernetes version'],
  },
  {
    kinds: mix({ 'go on': 15, time: 2, edit: 2, answer: 5 }),
    edited: ['kube-api', 'etcd'],
    edits: [...versions, 'no worker', 'another worker', 'swap', 'args'],
  },
]);

/** Weathers with the same people in them. */
function played(
  same: Pick<Weather, 'isAccepted' | 'people'>,
  different: Omit<Weather, 'isAccepted' | 'people'>[],
): Weather[] {
  return different.map((one) => ({ ...one, ...same }));
}

/** Shares of 24 altogether. */
function mix(shares: Partial<Record<EventKind, number>>): EventKind[] {
  return (Object.entries(shares) as [EventKind, number][]).flatMap(([kind, share]) =>
    Array.from({ length: share }, () => kind),
  );
}

export const weatherOf = (seed: number): Weather =>
  pick(isUpkept(seed) ? upkeepWeathers : weathers, Math.floor(seed / 7));

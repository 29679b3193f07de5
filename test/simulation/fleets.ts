import type { ApprovalReason } from '../../cluster/declaration/maintenance.ts';
import type { Shape } from './model/fleet.ts';
import { pick } from './schedules.ts';

/** A fleet that a schedule plays on: `fresh` ones are bootstrapped under faults. */
export interface Fleet {
  shape: Shape;
  from: 'fresh' | 'converged';
}

const fleets: Fleet[] = [
  { shape: { controlPlanes: 3, workers: 1, spares: 1, spareMasters: 2 }, from: 'converged' },
  { shape: { controlPlanes: 3, workers: 1, spares: 1, spareMasters: 3 }, from: 'converged' },
  { shape: { controlPlanes: 3, workers: 1, spares: 0, spareMasters: 1 }, from: 'fresh' },
  { shape: { controlPlanes: 3, workers: 2, spares: 1, spareMasters: 2 }, from: 'converged' },
  { shape: { controlPlanes: 1, workers: 1, spares: 1, spareMasters: 2 }, from: 'converged' },
  { shape: { controlPlanes: 1, workers: 1, spares: 0, spareMasters: 0 }, from: 'fresh' },
  { shape: { controlPlanes: 5, workers: 1, spares: 0, spareMasters: 1 }, from: 'converged' },
];

/**
 * Seeds from here on play on fleets whose versions and roles change. Smaller ones play as they did before there was such a thing, so
 * that what they once found is found again.
 */
export const firstUpkeepSeed = 1_000_000_000;

export const isUpkept = (seed: number): boolean => seed >= firstUpkeepSeed;

const old = { kubernetes: '1.33.13', etcd: '3.6.14' };
const everything: ApprovalReason[] = [
  'control-plane-removal',
  'worker-removal',
  'data-loss',
  'outage',
  'version-upgrade',
];

const upkept: Fleet[] = [
  { shape: { controlPlanes: 3, workers: 2, spares: 1, spareMasters: 1, ...old }, from: 'converged' },
  { shape: { controlPlanes: 3, workers: 1, spares: 0, spareMasters: 3, ...old }, from: 'converged' },
  {
    shape: { controlPlanes: 3, workers: 2, spares: 0, spareMasters: 1, ...old, approvals: everything },
    from: 'converged',
  },
  { shape: { controlPlanes: 3, workers: 3, spares: 0, spareMasters: 1, ...old, drains: 2 }, from: 'converged' },
  { shape: { controlPlanes: 5, workers: 2, spares: 0, spareMasters: 1, ...old }, from: 'converged' },
  { shape: { controlPlanes: 3, workers: 1, spares: 0, spareMasters: 1, ...old }, from: 'fresh' },
  {
    shape: { controlPlanes: 1, workers: 2, spares: 1, spareMasters: 2, ...old, drains: 1, approvals: everything },
    from: 'converged',
  },
];

export const fleetOf = (seed: number): Fleet => pick(isUpkept(seed) ? upkept : fleets, seed);

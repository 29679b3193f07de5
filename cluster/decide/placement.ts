import type { ContainerTarget } from '../steps/base.ts';
import type { Placement } from './facts.ts';

/** A node, and what stands there. */
export type Standing = Pick<Placement, 'node' | 'container'>;

/** After how many restarts by the engine a container is called a crash loop. */
export const crashLoopRestarts = 3;

/** Seconds that a container may need to become healthy before a person is told. */
const startUpSeconds = 60;

/** Seconds within which what has another spec is left to start, before it is replaced without having served. */
const startSeconds = 20;

export const hasWantedSpec = ({ container, drift }: Placement): boolean =>
  container !== undefined && drift === undefined;

export const isHealthy = ({ container }: Placement): boolean =>
  container?.state === 'running' && container.health.state === 'healthy';

/** Serves, or may do so: its health is not known. */
export const mayServe = ({ container }: Placement): boolean =>
  container?.state === 'running' && container.health.state !== 'unhealthy';

export const isStopped = ({ container }: Pick<Placement, 'container'>): boolean =>
  container !== undefined && ['created', 'exited', 'paused'].includes(container.state);

/** Docker could not remove it: it can't be started any more either. */
export const isDead = ({ container }: Placement): boolean => container?.state === 'dead';

/** There, and its process does not run: replacing it takes nothing away. */
export const isHalted = ({ container }: Placement): boolean => container !== undefined && container.state !== 'running';

/** Runs, and is known not to serve although it has had the time to start. It may recover by itself any moment. */
export const isAiling = ({ container }: Placement): boolean =>
  container?.state === 'running' &&
  container.health.state === 'unhealthy' &&
  (container.upSeconds >= startSeconds || (container.restarts ?? 0) >= crashLoopRestarts);

export const isCrashLoop = ({ container }: Placement): boolean =>
  container !== undefined &&
  ((container.restarts ?? 0) >= crashLoopRestarts ||
    (container.state === 'running' && container.upSeconds > startUpSeconds));

/** Docker is about to start it again, and it does not keep dying: it may serve any moment. */
export const mayRecover = (one: Placement): boolean => one.container?.state === 'restarting' && !isCrashLoop(one);

export function sayHealth({ container }: Placement): string {
  if (container === undefined) return 'it is not there';
  if (container.state !== 'running') return `it is ${container.state}`;
  return container.health.state === 'healthy' ? 'it is healthy' : container.health.because;
}

export function runTarget({ node, container, drift }: Placement): ContainerTarget {
  return {
    node: node.name,
    because: drift ?? (container ? `it is ${container.state}` : 'it is not there'),
    ...(container && { containerId: container.id }),
  };
}

export function startTarget({ node, container }: Standing): ContainerTarget {
  const code = container?.exitCode === undefined ? '' : ` with exit code ${container.exitCode}`;
  return {
    node: node.name,
    because: container?.state === 'created' ? 'it was never started' : `it has stopped${code}`,
    ...(container && { containerId: container.id }),
  };
}

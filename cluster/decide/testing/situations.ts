import type { Component } from '../../components/component.ts';
import type { ErrorCode } from '../../errors.ts';
import type { ContainerObservation, EtcdMember } from '../../observation.ts';
import { nodesOf } from '../../steps/describe-step.ts';
import type { Plan } from '../../plan.ts';
import { endpointsIn } from '../../resources/endpoint-slice.ts';
import type { Step } from '../../steps/step.ts';
import type { Facts } from '../facts.ts';
import { seen } from './fleet.ts';

/** Changes to what is seen, for tests: each works on the facts it is given and returns them. */
export type Change = (facts: Facts) => Facts;

export const all =
  (...changes: Change[]): Change =>
  (facts) =>
    changes.reduce((before, change) => change(before), facts);

export const unreachable =
  (...names: string[]): Change =>
  (facts) => {
    for (const name of names)
      facts.observation.nodes[name] = {
        state: 'unreachable',
        code: 'NodeUnreachable',
        because: `${name} does not answer`,
      };
    return facts;
  };

/** A container of this component on each of these nodes looks otherwise. */
export const looks =
  (component: Component, names: string[], change: Partial<ContainerObservation>): Change =>
  (facts) => {
    for (const name of names) {
      const { containers } = seen(facts, name);
      const container = containers[component];
      if (container === undefined) throw new Error(`no ${component} on ${name}`);
      containers[component] = { ...container, ...change };
    }
    return facts;
  };

export const gone =
  (component: Component, ...names: string[]): Change =>
  (facts) => {
    for (const name of names) delete seen(facts, name).containers[component];
    return facts;
  };

export const stopped = (component: Component, ...names: string[]): Change =>
  looks(component, names, {
    state: 'exited',
    exitCode: 137,
    upSeconds: 0,
    health: { state: 'unhealthy', because: 'it is exited' },
  });

export const unhealthy = (component: Component, ...names: string[]): Change =>
  looks(component, names, { health: { state: 'unhealthy', because: '/readyz says 500' } });

export const unknownHealth = (component: Component, ...names: string[]): Change =>
  looks(component, names, { health: { state: 'unknown', because: 'the probe timed out' } });

export const starting = (component: Component, ...names: string[]): Change =>
  looks(component, names, { upSeconds: 3, health: { state: 'unhealthy', because: 'it is starting' } });

export const dying = (component: Component, ...names: string[]): Change =>
  looks(component, names, {
    state: 'restarting',
    restarts: 4,
    exitCode: 1,
    upSeconds: 0,
    health: { state: 'unhealthy', because: 'it is restarting' },
    lastLog: ['Error: unknown flag: --no-such-flag'],
  });

/** Made from another spec than the one that is wanted. */
export const outdated =
  (component: Component, ...names: string[]): Change =>
  (facts) => {
    for (const name of names) {
      const container = seen(facts, name).containers[component];
      if (container?.spec === undefined) throw new Error(`no ${component} on ${name}`);
      const spec = JSON.parse(container.spec) as { container: { command: string[] } };
      spec.container.command.push('--old=true');
      seen(facts, name).containers[component] = { ...container, spec: JSON.stringify(spec) };
    }
    return facts;
  };

export const etcdDirectory =
  (state: 'unknown' | 'absent' | 'empty' | 'intact', ...names: string[]): Change =>
  (facts) => {
    for (const name of names) seen(facts, name).etcdDirectory = state;
    return facts;
  };

export const members =
  (names: string[], change: Partial<EtcdMember>): Change =>
  (facts) => {
    const { etcd } = facts.observation;
    if (etcd.state !== 'observed') throw new Error('etcd is not observed');
    etcd.members = etcd.members.map((one) => (names.includes(one.node ?? '') ? { ...one, ...change } : one));
    return facts;
  };

export const unsynced = (...names: string[]): Change =>
  members(names, { sync: 'unsynced', because: 'it does not answer', leader: 'unknown' });

export const endpoints =
  (ready: string[], notReady: string[], draining: string[] = []): Change =>
  (facts) => {
    const { kubernetes } = facts.observation;
    if (kubernetes.state !== 'observed') throw new Error('Kubernetes is not observed');
    const addresses = (names: string[]) => names.map((name) => addressOf(facts, name));
    kubernetes.apiEndpoints = endpointsIn({
      ready: addresses(ready),
      notReady: addresses(notReady),
      draining: addresses(draining),
    });
    return facts;
  };

export const aside =
  (step: Step['kind'], node: string, component: Component | undefined, code: ErrorCode = 'CrashLoop'): Change =>
  (facts) => ({
    ...facts,
    setAside: [
      ...facts.setAside,
      { step, node, ...(component && { component }), code, because: `${component ?? step} on ${node} failed` },
    ],
  });

function addressOf({ declaration }: Facts, name: string): string {
  return declaration.nodes.find((node) => node.name === name)?.address ?? name;
}

/** A plan in a few words: one line per step, with the nodes that it touches. */
export function brief(plan: Plan, { declaration }: Facts): string[] {
  const nameOf = (address: string) => declaration.nodes.find((node) => node.address === address)?.name ?? address;
  return plan.steps.map((step) => {
    const where = nodesOf(step).join(' ');
    const disruption = step.disruption === 'none' ? '' : ` (${step.disruption})`;
    if (step.kind === 'update-api-endpoints')
      return `endpoints ready ${step.ready.map(nameOf).join(' ')} | not ready ${step.notReady.map(nameOf).join(' ')}`.trim();
    if (step.kind === 'apply-objects') return `apply ${step.objects.map(({ key }) => key).join(' ')}`;
    if ('component' in step) return `${step.kind.split('-')[0]} ${step.component} on ${where}${disruption}`;
    return `${step.kind} ${where}${disruption}`.trim();
  });
}

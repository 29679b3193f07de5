import { describeSubject } from './approval.ts';
import type { Declaration } from './declaration/declaration.ts';
import type { NotificationEvent, Webhook } from './declaration/maintenance.ts';
import type { OperationReport } from './plan.ts';

/** One thing that people are told, once. */
export interface Story {
  event: NotificationEvent;
  /** What it is about, without numbers that change by themselves: a story with no new key was told already. */
  keys: string[];
  /** The first line. */
  title: string;
  /** Reasons with numbers and the cures, at most 20. */
  lines: string[];
}

/** Who wants to be told what. */
export type Subscription = Pick<Webhook, 'name' | 'events'>;

/** Those of a declaration, without their addresses. */
export function subscriptionsOf({ notifications }: Pick<Declaration, 'notifications'>): Subscription[] {
  return notifications.webhooks.map(({ name, events }) => ({ name, events }));
}

/** What was told, by event: kept by the cluster's entity. */
export type Told = Partial<Record<NotificationEvent, string[]>>;

const mostLines = 20;

/** What a report has to tell, whoever has heard of it. Pure. */
export function storiesOf(cluster: string, report: OperationReport): Story[] {
  const { outcome, blockers, failed, pending = [], expiring = [], revision } = report;
  const loops = blockers.filter(({ code }) => code === 'CrashLoop');
  const others = blockers.filter(({ code, gate }) => code !== 'CrashLoop' && gate !== 'step-failed');
  const isBlocked = outcome === 'blocked' || outcome === 'failed' || outcome === 'waiting';
  return [
    story('blocked', `${cluster}: nothing more can be done safely`, isBlocked ? others.map(blocked) : []),
    story('crash-loop', `${cluster}: a component dies again and again`, loops.map(blocked)),
    story(
      'approval-needed',
      `${cluster}: ${pending.length} steps need a person's yes`,
      pending.map((one) => ({
        key: one.fingerprint,
        line: `${describeSubject(one)} (${one.risk}): ${one.because} — cke-client approve ${one.fingerprint} --cluster ${cluster}`,
      })),
    ),
    story(
      'failed',
      `${cluster}: ${failed.length} steps failed`,
      failed.map(({ step, code, message }) => ({ key: `${step.split(':')[0]} ${code}`, line: `${step}: ${message}` })),
    ),
    story(
      'certificate-expiry',
      `${cluster}: certificates are not renewed in time`,
      expiring.map(({ node, component, because }) => ({
        key: `${node} ${component}`,
        line: `${component} on ${node}: ${because}`,
      })),
    ),
    story(
      'converged',
      `${cluster}: it is as declared again`,
      outcome === 'converged' ? [{ key: 'converged', line: `declaration revision ${revision}` }] : [],
    ),
  ].filter(({ keys }) => keys.length > 0);
}

/** What of the stories is news, and what is remembered from now on. `converged` is news after trouble only. Pure. */
export function newsOf(stories: Story[], told: Told): { news: Story[]; told: Told } {
  const inTrouble = Object.entries(told).some(([event, keys]) => event !== 'converged' && keys.length > 0);
  const news = stories.filter(({ event, keys }) =>
    event === 'converged' ? inTrouble : keys.some((key) => !(told[event] ?? []).includes(key)),
  );
  return { news, told: Object.fromEntries(stories.map(({ event, keys }) => [event, keys])) };
}

function blocked({ gate, node, component, because, fix }: OperationReport['blockers'][number]) {
  const key = [gate, node, component].filter((part) => part !== undefined).join(' ');
  return { key, line: fix === undefined ? because : `${because} — ${fix}` };
}

function story(event: NotificationEvent, title: string, told: { key: string; line: string }[]): Story {
  return {
    event,
    keys: [...new Set(told.map(({ key }) => key))].sort(),
    title,
    lines: told.slice(0, mostLines).map(({ line }) => line),
  };
}

import { secondsUntilRenewal } from '../cluster/certificates/next-renewal.ts';
import { decide } from '../cluster/decide/decide.ts';
import { forecast } from '../cluster/decide/forecast.ts';
import type { Declaration } from '../cluster/declaration/declaration.ts';
import type { Observation } from '../cluster/observation.ts';
import { subscriptionsOf } from '../cluster/notification.ts';
import type { Plan } from '../cluster/plan.ts';
import { viewCluster } from '../cluster/view.ts';
import { approvalFacts, leftOver, pendingOf } from './approvals.ts';
import type { Decision, OperationActivities, Round, ViewActivities } from './contracts/operations.ts';
import { missing, type AcceptedDeclarations } from './declarations.ts';
import { identityOf } from './plan-identity.ts';
import { acceptPlanned, ifAccepted } from './planned-change.ts';
import { observeCluster } from './observe/observe-cluster.ts';
import type { ObservePorts } from './observe/ports.ts';
import type { Store } from './store/store.ts';

interface OperationPorts {
  store: Pick<Store, 'epochs' | 'pauses' | 'history' | 'approvals' | 'declarations'>;
  declarations: AcceptedDeclarations;
  observe: ObservePorts;
  /** Told what each look has seen. */
  seen?: (look: { declaration: Declaration; observation: Observation }) => void;
}

/** Deciding what comes next, from a fresh look each time, and keeping the account of what was done. */
export function operationActivities({ store, declarations, observe, seen }: OperationPorts): OperationActivities {
  return {
    observeAndDecide: async (round) => {
      const { cluster, setAside, planned, spent = [] } = round;
      const epoch = await epochOf(store, round);
      await store.approvals.spend(cluster, spent, { epoch });
      const { declaration, revision } = planned
        ? ifAccepted({
            cluster,
            latest: await store.declarations.get(cluster, 'latest'),
            text: planned.declaration,
          })
        : await declarations.get(cluster, 'latest');
      const [observation, paused, records] = await Promise.all([
        observeCluster(observe, declaration, { files: 'check when due' }),
        store.pauses.get(cluster),
        store.approvals.list(cluster),
      ]);
      const now = new Date();
      const plan = decide({ declaration, observation, setAside, approvals: approvalFacts(records, revision, now) });
      if (planned) await acceptPlanned({ store, saved: planned, revision, plan, observation });
      seen?.({ declaration, observation });
      await store.approvals.spend(cluster, leftOver(records, plan, now), { epoch });
      return {
        plan: await asked({ store, declaration, round: { ...round, epoch }, plan }),
        epoch,
        revision,
        intervalSeconds: restSeconds(declaration, observation),
        lanes: lanesFor(declaration),
        observedAt: observation.at,
        ...listenersOf(declaration),
        ...(paused && { paused: { by: paused.by, because: paused.because } }),
      };
    },

    finishOperation: async ({ cluster, requestedBy, because, report }) => {
      const [last] = await store.history.list(cluster, 1);
      const stuck = report.outcome !== 'converged' && report.done.length === 0;
      if (last && stuck && sameStory(last.report, report)) return;
      await store.history.append(cluster, { at: new Date().toISOString(), because, requestedBy, report });
    },
  };
}

async function epochOf({ epochs }: Pick<Store, 'epochs'>, { cluster, epoch }: Round): Promise<number> {
  if (epoch === undefined) return epochs.acquire(cluster);
  await epochs.assertCurrent(cluster, epoch);
  return epoch;
}

interface Asking {
  store: Pick<Store, 'approvals'>;
  declaration: Declaration;
  round: Round & { epoch: number };
  plan: Plan;
}

/** The plan with its questions on record: who asked, and until when an answer counts. */
async function asked({ store, declaration, round, plan }: Asking): Promise<Plan> {
  const { pending } = plan;
  if (pending === undefined) return plan;
  const by = round.requestedBy ?? 'nobody';
  const { expire_after_hours: expireAfterHours } = declaration.approvals;
  const records = await store.approvals.request(round.cluster, pending, { by, expireAfterHours, epoch: round.epoch });
  return { ...plan, pending: pending.map((one, index) => ({ ...records.map(pendingOf)[index], ...one })) };
}

function listenersOf(declaration: Declaration): Pick<Decision, 'webhooks'> {
  const webhooks = subscriptionsOf(declaration);
  return webhooks.length === 0 ? {} : { webhooks };
}

/** No certificate waits for the next look when its time has come: this is the sweep for those that expire. */
function restSeconds(declaration: Declaration, observation: Observation): number {
  return Math.min(declaration.reconcile.interval_seconds, secondsUntilRenewal({ declaration, observation }));
}

/** Every node of a batch at once, and the control plane's components beside them. */
function lanesFor({ update_strategy }: Declaration): number {
  return Math.max(update_strategy.max_concurrent_updates, 10);
}

type Told = Parameters<OperationActivities['finishOperation']>[0]['report'];

/** A cluster that stays as it is would fill its history with the same sentence. */
function sameStory(a: Told, b: Told): boolean {
  const told = ({ outcome, blockers, failed, revision, pending = [] }: Told) =>
    JSON.stringify([
      outcome,
      revision,
      blockers.map(({ because }) => because),
      failed.map(({ step }) => step),
      pending.map(({ fingerprint }) => fingerprint),
    ]);
  return told(a) === told(b);
}

interface ViewPorts extends Omit<OperationPorts, 'store'> {
  store: Pick<Store, 'declarations' | 'approvals'>;
}

/** Looking without touching. */
export function viewActivities({ store, declarations, observe }: ViewPorts): Pick<ViewActivities, 'view' | 'preview'> {
  return {
    view: async ({ cluster }) => {
      const { declaration, revision } = await declarations.get(cluster, 'latest');
      return viewCluster({ declaration, revision, observation: await observeCluster(observe, declaration) });
    },
    preview: async ({ cluster, text: wished }) => {
      const latest = await store.declarations.get(cluster, 'latest');
      const text = wished ?? latest?.text;
      if (text === undefined) throw missing(cluster, 'latest');
      const { declaration, revision } = ifAccepted({ cluster, latest, text });
      const observation = await observeCluster(observe, declaration);
      const approvals = approvalFacts(await store.approvals.list(cluster), revision, new Date());
      const facts = { declaration, observation, setAside: [], approvals };
      const plan = decide(facts);
      const identity = identityOf({ plan, observation, revision, text });
      return { ...plan, revision, forecast: forecast(facts), identity };
    },
  };
}

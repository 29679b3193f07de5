import { proxyActivities, type ActivityFunction } from '@temporalio/workflow';
import type {
  ApprovalActivities,
  BackupActivities,
  ImageActivities,
  OperationActivities,
  RestoreActivities,
  VaultUpkeepActivities,
  ViewActivities,
} from '../activities/contracts/operations.ts';
import type { EtcdUserActivities, SshKeyActivities } from '../activities/contracts/access.ts';
import type {
  CampaignActivities,
  DismantlingActivities,
  EncryptionActivities,
  RotationActivities,
} from '../activities/contracts/campaigns.ts';
import type { StepActivities } from '../activities/contracts/steps.ts';
import { summaryOf, type Place } from './summaries.ts';

/** A worker that dies is noticed after this long without a heartbeat (every activity beats every two seconds). */
const heartbeatTimeout = '10 seconds';

/**
 * Attempts that ended with their worker's death count here, so the limit is a wide one; what fails by itself is given up much
 * sooner (asActivities), and what needs a person is not retried at all (CkeError remedy `never`).
 */
const retry = {
  initialInterval: '500 ms',
  backoffCoefficient: 2,
  maximumInterval: '5 seconds',
  maximumAttempts: 40,
} as const;

type LookingActivities = OperationActivities &
  ApprovalActivities &
  CampaignActivities &
  ViewActivities &
  VaultUpkeepActivities &
  Pick<DismantlingActivities, 'beginDestruction' | 'concludeDestruction'>;

const looking = proxyActivities<LookingActivities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout,
  retry,
});

/** Of a campaign that says what stands in its way and tries again by itself: not for long in silence. */
const trying = proxyActivities<
  RotationActivities & EncryptionActivities & SshKeyActivities & EtcdUserActivities & RestoreActivities
>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout,
  retry: { ...retry, maximumAttempts: 3 },
});

/** Room for one try of a call on a slow node; awaiting health gives up by itself after about 30 seconds. */
const acting = proxyActivities<StepActivities & DismantlingActivities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout,
  retry,
});

/** They begin by bringing an image that is not there yet. */
const mayPull = ['pullImages', 'replaceContainer', 'restartMember', 'restoreDirectory'] as const;

/** Images come over the user's line. */
const pulling = proxyActivities<Pick<StepActivities, (typeof mayPull)[number]> & ImageActivities>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout,
  retry,
});

/** A snapshot of several gigabytes, and its copy over the user's line. */
const backing = proxyActivities<BackupActivities>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout,
  retry: { ...retry, backoffCoefficient: 3, maximumInterval: '5 minutes' },
});

type Proxied = Record<string, ActivityFunction & { executeWithOptions(options: object, args: unknown[]): unknown }>;

/** Activities whose events say in words what they do, and where: people read them in the Web UI's timeline. */
function summarised<T extends object>(choose: (name: string) => object): T {
  const call = (name: string) => (input: Place) => {
    const activity = (choose(name) as Proxied)[name];
    if (activity === undefined) throw new TypeError(`there is no activity ${name}`);
    return activity.executeWithOptions({ summary: summaryOf(name, input) }, [input]);
  };
  return new Proxy({} as T, { get: (_none, name: string) => call(name) });
}

export const lookingActivities = summarised<LookingActivities>(() => looking);

export const rotationActivities = summarised<RotationActivities & EncryptionActivities>(() => trying);

export const etcdUserActivities = summarised<EtcdUserActivities>(() => trying);

export const restoreActivities = summarised<RestoreActivities>(() => trying);

export const sshKeyActivities = summarised<SshKeyActivities>(() => trying);

export const stepActivities = summarised<StepActivities>((name) =>
  mayPull.some((one) => one === name) ? pulling : acting,
);

export const imageActivities = summarised<ImageActivities>(() => pulling);

export const backupActivities = summarised<BackupActivities>(() => backing);

export const dismantlingActivities = summarised<DismantlingActivities>(() => acting);

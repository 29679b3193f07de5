import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { excludedNodes } from '../../cluster/encryption/exclusion.ts';
import {
  afterStage,
  ciphersOf,
  describeChange,
  stageText,
  versionToKeep,
  versionToNotice,
  writingCipher,
  type EncryptionRecord,
} from '../../cluster/encryption/key-change.ts';
import { allServeWith, type Serving } from '../../cluster/encryption/serving.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { Observation } from '../../cluster/observation.ts';
import { approvalFacts } from '../approvals.ts';
import type { EncryptionActivities, KeyChangeLook } from '../contracts/campaigns.ts';
import type { OwnCredentials } from '../credentials.ts';
import type { AcceptedDeclarations } from '../declarations.ts';
import type { EtcdClusters } from '../etcd/clusters.ts';
import type { Kubernetes } from '../kubernetes/kubernetes.ts';
import type { Look } from '../observe/ports.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { recordOf } from './first-record.ts';
import { nextCipher } from './next-cipher.ts';
import { whyNotNoticed } from './noticed-version.ts';
import { rewriteSecrets } from './rewrite-secrets.ts';

export interface KeyChangePorts {
  store: Store;
  declarations: AcceptedDeclarations;
  look: Look;
  now: () => Date;
  vault: Vault;
  etcd: EtcdClusters;
  kubernetes: Kubernetes;
  credentials: OwnCredentials;
}

/** Moving the record of encryption from stage to stage, each when the one before is seen complete (reliability §3.6). */
export function keyChangeActivities(ports: KeyChangePorts): EncryptionActivities {
  return {
    beginKeyChange: (input) => beginKeyChange(ports, input),
    advanceKeyChange: (input) => advanceKeyChange(ports, input),
    rewriteSecrets: (input) => rewriteSecrets(ports, input),
  };
}

/** The key comes before the record that names it: what dies in between leaves a key that the next attempt adopts. */
async function beginKeyChange(ports: KeyChangePorts, { cluster, by }: { cluster: string; by: string }) {
  const { store, vault, declarations } = ports;
  const { declaration } = await declarations.get(cluster, 'latest');
  const { value: record, version } = await recordOf(ports, cluster);
  if (record.change !== undefined) return { change: describeChange(record, record.change) };
  const { to, generation } = await nextCipher({ declaration, record, vault });
  if (to === writingCipher(record)) throw nothingToRotate(cluster);
  const change = { stage: 'adding' as const, to, by, since: ports.now().toISOString() };
  const begun = { ...record, generation, change };
  await store.encryption.put(cluster, begun, { version });
  return { change: describeChange(begun, change) };
}

function nothingToRotate(cluster: string): CkeError {
  return new CkeError({
    code: 'InvalidRequest',
    message: `${cluster}: its Secrets are in clear, and no key is wanted`,
    got: 'secrets_encryption.provider: none',
    fix: 'declare another provider, cke-client apply cluster.yaml, then: cke-client secrets rotate-key',
    remedy: 'never',
  });
}

async function advanceKeyChange(
  ports: KeyChangePorts,
  { cluster, secrets }: { cluster: string; secrets: 'clean' | 'unknown' },
): Promise<KeyChangeLook> {
  const { store, declarations, look, vault } = ports;
  const stored = await store.encryption.get(cluster);
  const change = stored?.value.change;
  if (stored === undefined || change === undefined)
    return { state: 'done', servers: 'complete', because: `Secrets are written ${writing(stored?.value)}` };
  const { declaration, revision } = await declarations.get(cluster, 'latest');
  const [observation, paused, answers] = await Promise.all([
    look(declaration),
    store.pauses.get(cluster),
    store.approvals.list(cluster),
  ]);
  const { stage } = change;
  if (paused !== undefined)
    return { state: 'waiting', stage, servers: 'open', because: `the cluster is paused by ${paused.by}` };
  const seen = { ...observation, records: { ...observation.records, encryption: stored.value } };
  const approvals = approvalFacts(answers, revision, ports.now());
  const without = excludedNodes({ declaration, observation: seen, approvals });
  const serving = await writingAll(ports, { declaration, observation: seen, record: stored.value, without });
  const because = whyNotComplete(stage, serving, secrets);
  const servers = serving.state === 'complete' && without.length === 0 ? 'complete' : 'open';
  if (because !== undefined) return { state: 'waiting', stage, servers, because };
  const oldest = versionToKeep(stored.value);
  if (oldest !== undefined) await vault.dropTransitVersionsBefore({ cluster, version: oldest });
  const { value } = await store.encryption.put(cluster, afterStage(stored.value), { version: stored.version });
  if (value.change === undefined) return { state: 'done', servers, because: `Secrets are written ${writing(value)}` };
  // The next stage has other keys, or was not looked at yet.
  return { state: 'moved', stage: value.change.stage, servers: 'open', because: stageText[value.change.stage] };
}

interface Looked {
  declaration: Declaration;
  observation: Observation;
  record: EncryptionRecord;
  /** Nodes that a person has excepted. */
  without: readonly string[];
}

/** Whether every API server has what the record wants, and, where that is the plugin, knows of the version that it is to write with. */
async function writingAll({ kubernetes, credentials }: KeyChangePorts, looked: Looked): Promise<Serving> {
  const { record, declaration, without } = looked;
  const serving = allServeWith({ ...looked, ciphers: ciphersOf(record) });
  const version = versionToNotice(record);
  if (serving.state === 'open' || version === undefined) return serving;
  const because = await whyNotNoticed({ declaration, version, without, kubernetes, credentials });
  return because === undefined ? serving : { state: 'open', because };
}

function whyNotComplete(stage: string, serving: Serving, secrets: 'clean' | 'unknown'): string | undefined {
  if (serving.state === 'open') return serving.because;
  return stage === 'rewriting' && secrets === 'unknown' ? 'Secrets are written anew' : undefined;
}

function writing(record: EncryptionRecord | undefined): string {
  if (record === undefined) return 'as they have been';
  const cipher = writingCipher(record);
  return cipher === 'identity' ? 'in clear' : `with ${cipher}`;
}

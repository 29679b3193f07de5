import type { EncryptionRecord, KeyChangeStage } from '../../cluster/encryption/key-change.ts';
import { fromJson } from './json.ts';
import { cke, cluster, until } from './story.ts';

export const patience = { seconds: 420, everyMilliseconds: 500 };

/** With what Secrets are encrypted, as `secrets status` tells it. */
export async function recorded(): Promise<EncryptionRecord> {
  const { stdout } = await cke('secrets', 'status', '--cluster', cluster, '--output', 'json');
  const { encryption } = fromJson<{ encryption?: EncryptionRecord }>(stdout);
  if (encryption === undefined) throw new Error('there is no record of the encryption');
  return encryption;
}

/** Waits for a stage, or for one behind it: on a busy machine a look may come late. */
export async function reached(stage: KeyChangeStage): Promise<void> {
  const stages: KeyChangeStage[] = ['adding', 'leading', 'rewriting', 'dropping'];
  await until(
    `stage ${stage}`,
    async () => {
      const { change } = await recorded();
      return change === undefined || stages.indexOf(change.stage) >= stages.indexOf(stage) || undefined;
    },
    patience,
  );
}

/** Begins a change of the key, which then goes on by itself. */
export async function beginKeyChange(): Promise<void> {
  const { code, stderr } = await cke('secrets', 'rotate-key', '--no-wait', '--cluster', cluster);
  if (code !== 0) throw new Error(`secrets rotate-key ended with ${code}: ${stderr}`);
}

/** Waits until the old key is dropped. */
export async function keyChanged(): Promise<void> {
  await until('the old key dropped', async () => (await recorded()).change === undefined || undefined, patience);
}

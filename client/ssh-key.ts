import type { ServerOutcome } from '../activities/contracts/access.ts';
import type { SshKeyStage } from '../activities/vault/ssh-keys.ts';

export interface SshKeyPorts {
  stage: () => Promise<SshKeyStage>;
  make: () => Promise<void>;
  use: () => Promise<void>;
  forget: () => Promise<void>;
  onServers: (change: 'authorise' | 'withdraw') => Promise<ServerOutcome[]>;
  tell: (line: string) => void;
}

export interface SshKeyRotation {
  /** `done`, or the stage that is not complete. */
  state: 'done' | 'authorising' | 'withdrawing';
  servers: ServerOutcome[];
}

/**
 * Brings another key for the nodes' login about. What is done stands in Vault and on the servers: where it was stopped, at any point, the
 * same again goes on, and at each of them the key that is used opens every server.
 */
export async function rotateSshKey({
  stage,
  make,
  use,
  forget,
  onServers,
  tell,
}: SshKeyPorts): Promise<SshKeyRotation> {
  if ((await stage()) !== 'withdrawing') {
    await make();
    tell('a new key is in Vault; it is added on the servers and tried');
    const servers = await onServers('authorise');
    if (!isComplete(servers)) return { state: 'authorising', servers };
    await use();
  }
  tell('the new key is used; the old one is taken out');
  const servers = await onServers('withdraw');
  if (!isComplete(servers)) return { state: 'withdrawing', servers };
  await forget();
  return { state: 'done', servers };
}

const isComplete = (servers: readonly ServerOutcome[]): boolean => servers.every(({ state }) => state !== 'failed');

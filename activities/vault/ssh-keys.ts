import ssh2 from 'ssh2';
import { CkeError } from '../../cluster/errors.ts';
import { fingerprintOf } from '../node/host-key.ts';
import { updateSecret } from './first-secrets.ts';
import { demandSecret, sshSecret, type SecretCall } from './secrets.ts';

/**
 * Where another key for the nodes' login stands in the secret `ssh` meanwhile: `next` is authorised on the nodes and not used yet,
 * `previous` is used no more and taken off the nodes. No address looks like that.
 */
const [next, previous] = ['next', 'previous'] as const;

type Keys = Record<string, string>;

export type SshKeyStage = 'settled' | 'authorising' | 'withdrawing';

/** How far it has come, by what stands there. With an operator's token, as all of these. */
export async function sshKeyStage(call: SecretCall): Promise<SshKeyStage> {
  return stageOf(await demandSecret(call, { name: 'ssh', shape: sshSecret }));
}

function stageOf(keys: Keys): SshKeyStage {
  return keys[previous] === undefined ? (keys[next] === undefined ? 'settled' : 'authorising') : 'withdrawing';
}

/** Makes the next key (Ed25519), once. */
export async function makeNextSshKey(call: SecretCall): Promise<void> {
  await update(call, (keys) => (stageOf(keys) === 'settled' ? { ...keys, [next]: newKey(call.cluster) } : keys));
}

/** Of the key that is the new one now, as `ssh-keygen -l` prints it: the next one, or the one that took the place of `previous`. */
export async function newSshKeyFingerprint(call: SecretCall): Promise<string> {
  const { [next]: coming, default: current = '' } = await demandSecret(call, { name: 'ssh', shape: sshSecret });
  const [, blob = ''] = publicLineOf(coming ?? current, '').split(' ');
  return fingerprintOf(Buffer.from(blob, 'base64'));
}

/** From now on logins are by the next key. */
export async function useNextSshKey(call: SecretCall): Promise<void> {
  await update(call, ({ [next]: coming, ...keys }) => {
    if (coming === undefined) return keys;
    const { default: going } = keys;
    return { ...keys, default: coming, ...(going !== undefined && { [previous]: going }) };
  });
}

/** Nobody is let in by it any more. */
export async function forgetPreviousSshKey(call: SecretCall): Promise<void> {
  await update(call, ({ [previous]: _gone, ...keys }) => keys);
}

async function update(call: SecretCall, change: (keys: Keys) => Keys): Promise<void> {
  const noKey = {
    code: 'NotInitialised',
    message: `Vault holds no SSH key for ${call.cluster}`,
    remedy: 'never',
  } as const;
  await updateSecret(call, {
    name: 'ssh',
    shape: sshSecret,
    next: async (keys) => {
      if (keys === undefined) throw new CkeError({ ...noKey, fix: `cke-client init ${call.cluster} --ssh-key FILE` });
      return change(keys);
    },
  });
}

function newKey(cluster: string): string {
  return ssh2.utils.generateKeyPairSync('ed25519', { comment: `cke-${cluster}` }).private;
}

/** What the worker needs of the secret for its part. PEM or OpenSSH texts. */
export interface SshKeys {
  current: string;
  next?: string;
  previous?: string;
  /** Addresses of servers that have a key of their own. */
  own: string[];
}

export async function readSshKeys(call: SecretCall): Promise<SshKeys> {
  const {
    default: current = '',
    next: coming,
    previous: going,
    ...own
  } = await demandSecret(call, {
    name: 'ssh',
    shape: sshSecret,
  });
  return {
    current,
    ...(coming !== undefined && { next: coming }),
    ...(going !== undefined && { previous: going }),
    own: Object.keys(own),
  };
}

/** The public half of a private key, as a line of authorized_keys. @throws CkeError InvalidRequest for what is no private key */
export function publicLineOf(privateKey: string, comment: string): string {
  const parsed = ssh2.utils.parseKey(privateKey);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || key instanceof Error)
    throw new CkeError({ code: 'InvalidRequest', message: 'what Vault has as an SSH key is none', remedy: 'never' });
  return `${key.type} ${key.getPublicSSH().toString('base64')} ${comment}`;
}

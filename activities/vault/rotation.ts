import { z } from 'zod';
import type { Authority } from '../../cluster/certificates/certificate.ts';
import { tokenSigner, type Rotatable } from '../../cluster/certificates/trust.ts';
import { listIssuers, notInitialised } from './authority.ts';
import type { AuthorityCall } from './authority.ts';
import type { VaultClient } from './client.ts';
import { newServiceAccountPair, updateSecret } from './first-secrets.ts';
import { rootParameters } from './mounts.ts';
import { authorityMount } from './paths.ts';
import { firstTokenKey, serviceAccountSecret } from './secrets.ts';

export interface RotationCall {
  client: VaultClient;
  token: string;
  cluster: string;
  of: Rotatable;
}

const nothing = z.unknown();
const keyList = z.object({
  data: z.object({
    keys: z.array(z.string()),
    key_info: z.record(z.string(), z.object({ key_name: z.string().optional() })),
  }),
});

/** The issuer that signs while nothing is pinned. Throws CkeError NotInitialised when there is none. */
export async function currentIssuer({ of, ...call }: RotationCall): Promise<string> {
  if (of === tokenSigner) return firstTokenKey;
  const [signing] = await listIssuers({ ...call, authority: of });
  if (signing === undefined) throw notInitialised(call.cluster, `the ${of} authority has no CA`);
  return signing;
}

/** Makes a second issuer beside the one that signs, whose key never leaves Vault (rule C-07); one of this name is adopted. */
export async function prepareIssuer({ of, ...call }: RotationCall, name: string): Promise<void> {
  if (of === tokenSigner) return addTokenKey(call, name);
  if ((await listIssuers({ ...call, authority: of })).includes(name)) return;
  const { client, token, cluster } = call;
  const body = { ...rootParameters(`${cluster} ${of} CA ${name}`), issuer_name: name, key_name: name };
  const path = `${authorityMount(cluster, of)}/issuers/generate/root/internal`;
  await client.write({ path, token, body, shape: nothing });
}

interface Retirement {
  name: string;
  /** Who signs from now on. */
  successor: string;
}

/** Makes the successor the default and deletes an issuer with its key: what it has signed can't be added to any more. */
export async function retireIssuer({ of, ...call }: RotationCall, { name, successor }: Retirement): Promise<void> {
  if (of === tokenSigner) return dropTokenKey(call, { name, successor });
  await makeDefault({ ...call, authority: of }, successor);
  const { client, token, cluster } = call;
  const mount = authorityMount(cluster, of);
  if ((await listIssuers({ ...call, authority: of })).includes(name))
    await client.remove({ path: `${mount}/issuer/${name}`, token });
  // Vault keeps a key for as long as an issuer uses it; ours are called like their issuers.
  const keys = await client.list({ path: `${mount}/keys`, token, shape: keyList });
  for (const id of keys?.data.keys ?? [])
    if (keys?.data.key_info[id]?.key_name === name) await client.remove({ path: `${mount}/key/${id}`, token });
}

async function makeDefault(call: AuthorityCall & { authority: Authority }, successor: string): Promise<void> {
  const [signing] = await listIssuers(call);
  if (signing === successor) return;
  const path = `${authorityMount(call.cluster, call.authority)}/config/issuers`;
  await call.client.write({ path, token: call.token, body: { default: successor }, shape: nothing });
}

type SecretCall = Omit<RotationCall, 'of'>;

async function addTokenKey(call: SecretCall, name: string): Promise<void> {
  await updateSecret(call, {
    name: 'service-account',
    shape: serviceAccountSecret,
    next: async (present) => {
      if (present === undefined) throw notInitialised(call.cluster, 'the secret service-account is not there');
      if (present.others?.[name] !== undefined) return present;
      return { ...present, others: { ...present.others, [name]: await newServiceAccountPair() } };
    },
  });
}

/** The first pair has no name of its own: the successor's takes its place. */
async function dropTokenKey(call: SecretCall, { name, successor }: Retirement): Promise<void> {
  await updateSecret(call, {
    name: 'service-account',
    shape: serviceAccountSecret,
    next: async (present) => {
      if (present === undefined) throw notInitialised(call.cluster, 'the secret service-account is not there');
      const { [name]: _dropped, ...others } = present.others ?? {};
      const first = name === firstTokenKey ? present.others?.[successor] : undefined;
      return { ...present, ...first, others };
    },
  });
}

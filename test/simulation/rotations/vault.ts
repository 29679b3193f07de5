import type { Vault } from '../../../activities/vault/vault.ts';
import { pluginAuthority, type Authority } from '../../../cluster/certificates/certificate.ts';
import { tokenSigner, type Rotatable } from '../../../cluster/certificates/trust.ts';
import { splitCipher } from '../../../cluster/encryption/cipher.ts';
import { CkeError } from '../../../cluster/errors.ts';
import type { Run } from '../calls.ts';
import type { Simulation } from '../simulation.ts';
import type { Truth } from './truth.ts';

/** Stands in every secret of the model, and may stand nowhere else (P12). */
export const secretMark = 'TOP-SECRET';

const secret = (what: string): string => `${secretMark} ${what}\n`;

/** Vault as activities see it. What it hands out says in words what it is: model/file-sets.ts reads it. */
export function modelVault({ world, calls }: Simulation, truth: Truth, run: Run): Vault {
  const { vault } = truth;
  const effect = <T>(what: string, act: () => T) => calls.effect({ what: `Vault: ${what}`, run, act });
  const issuersOf = (of: Rotatable | Authority) => vault.issuers.get(of) ?? [];
  const named = (of: Rotatable | Authority, names: readonly string[] | undefined): string[] => {
    const lacking = names?.find((name) => !issuersOf(of).includes(name));
    if (lacking !== undefined) throw notThere(`${of} has no ${lacking}`);
    return [...(names ?? issuersOf(of))];
  };
  const port: Partial<Vault> = {
    issue: async ({ request }) => {
      const [issuer = ''] = named(request.authority, request.issuer === undefined ? undefined : [request.issuer]);
      const serial = String((vault.serial += 1));
      const at = (seconds: number) => new Date((world.now + seconds) * 1000).toISOString();
      return {
        certificate: `leaf ${request.authority} ${issuer}\n`,
        privateKey: secret(`key ${serial}`),
        issued: { kind: request.kind, serial, notBefore: at(-300), notAfter: at(request.lifetimeHours * 3600) },
      };
    },
    authorityBundle: async ({ authority, issuers }) =>
      named(authority, issuers)
        .map((issuer) => `ca ${authority} ${issuer}\n`)
        .join(''),
    serviceAccountKeys: async ({ names }) =>
      named(tokenSigner, names ?? issuersOf(tokenSigner).slice(0, 1)).map((name) => ({
        publicKey: `verifies ${name}\n`,
        privateKey: `signs ${name}\n${secret(`pair ${name}`)}`,
      })),
    encryptionConfiguration: async ({ ciphers = [] }) => {
      const keys = ciphers.map(splitCipher).flatMap((one) => ('key' in one && one.provider !== 'kms' ? [one.key] : []));
      const lacking = keys.find((key) => !vault.keys.has(key));
      if (lacking !== undefined) throw notThere(`no key ${lacking}`);
      return `ciphers ${ciphers.join()}\n${secret(`keys ${keys.join()}`)}`;
    },
    registryLogin: async () => ({ username: 'robot', password: secret('password') }),
    currentIssuer: async ({ of }) => issuersOf(of)[0] ?? '',
    prepareIssuer: ({ of, name }) =>
      effect(`make ${name} of ${of}`, () => {
        if (!issuersOf(of).includes(name)) vault.issuers.set(of, [...issuersOf(of), name]);
      }),
    retireIssuer: ({ of, name, successor }) =>
      effect(`delete ${name} of ${of}`, () => {
        const others = issuersOf(of).filter((one) => one !== name && one !== successor);
        vault.issuers.set(of, [successor, ...others]);
      }),
    kmsLoginDrift: async ({ issuers = issuersOf(pluginAuthority) }) =>
      vault.login.toSorted().join() === issuers.toSorted().join()
        ? undefined
        : `the login believes ${vault.login.join()}`,
    ensureKmsLoginTrust: ({ issuers }) =>
      effect(`have the login believe ${issuers.join()}`, () => {
        vault.login = named(pluginAuthority, issuers);
      }),
    ensureEncryptionKey: ({ key }) => effect(`make ${key}`, () => void vault.keys.add(key)),
    transitKey: async () => vault.transit,
    ensureTransitVersionAfter: ({ than }) =>
      effect(`a version after ${than}`, () => {
        if (vault.transit.latest <= than) Object.assign(vault.transit, { latest: than + 1, since: world.now });
        return vault.transit.latest;
      }),
    dropTransitVersionsBefore: ({ version }) =>
      effect(`drop versions before ${version}`, () => {
        vault.transit.oldest = Math.max(vault.transit.oldest, version);
      }),
  };
  return port as Vault;
}

function notThere(message: string): CkeError {
  return new CkeError({ code: 'NotInitialised', message: `Vault: ${message}`, remedy: 'retry' });
}

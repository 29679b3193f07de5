import { pluginAuthority } from '../../../cluster/certificates/certificate.ts';
import { takesUp } from '../../../cluster/certificates/holders.ts';
import { rotatables, signingIssuer, tokenSigner, trustedIssuers } from '../../../cluster/certificates/trust.ts';
import type { Component } from '../../../cluster/components/component.ts';
import { nodeNamed } from '../../../cluster/declaration/nodes.ts';
import type { InstalledSet } from '../model/file-sets.ts';
import { isReachable, latest, violate, type Host, type World } from '../model/world.ts';
import type { Truth } from './truth.ts';

/** What a running process shows and believes: what it has read when it began, and what it reads anew from its files. */
interface Live {
  host: Host;
  component: Component;
  shows: InstalledSet[];
  believes: InstalledSet[];
}

/** Programs of nodes that are declared, or on record still. Those of a node that a person has given up are as they are. */
function liveOnes(world: World): Live[] {
  const known = (name: string) =>
    !world.leftOut.has(name) && (nodeNamed(latest(world), name) ?? world.records.nodes?.[name]) !== undefined;
  return [...world.hosts.values()]
    .filter(({ name, power }) => power === 'on' && known(name))
    .flatMap((host) =>
      [...host.containers.values()].flatMap(({ component, state, loaded }): Live[] => {
        if (state !== 'running' || loaded === undefined) return [];
        const anew = [loaded, host.fileSets.get(component) ?? loaded];
        return [
          {
            host,
            component,
            shows: takesUp(component) === 'reload' ? anew : [loaded],
            // etcd reads its CAs once, an API server whenever they change.
            believes: component === 'kube-apiserver' ? anew : [loaded],
          },
        ];
      }),
    );
}

/** P9: whatever a program shows is believed by all who verify that authority's certificates, and every token that is in use by every API server. */
export function checkTrust(world: World, { tokens, vault }: Truth): void {
  const live = liveOnes(world);
  const shown = new Map<string, Map<string, Live>>();
  const signing = new Map<string, Live | undefined>(tokens.map(({ key }) => [key, undefined]));
  for (const one of live)
    for (const { leaves, tokens: own } of one.shows) {
      for (const [authority, issuers] of leaves) note(shown, { authority, issuers, one });
      for (const key of own.signs) signing.set(key, one);
    }
  for (const [issuer, one] of shown.get(pluginAuthority) ?? [])
    if (!vault.login.includes(issuer))
      return violate(world, 'P9', `Vault does not let in ${say(one)}, which shows ${pluginAuthority} ${issuer}`);
  for (const verifier of live)
    for (const set of verifier.believes) {
      for (const [authority, issuers] of set.trusted)
        for (const [issuer, one] of shown.get(authority) ?? [])
          if (!issuers.includes(issuer))
            return violate(world, 'P9', disbelief(verifier, `${authority} ${issuer}`, one));
      if (verifier.component !== 'kube-apiserver') continue;
      for (const [key, one] of signing)
        if (!set.tokens.verifies.includes(key))
          return violate(world, 'P9', disbelief(verifier, `tokens of ${key}`, one));
    }
}

function note(shown: Map<string, Map<string, Live>>, { authority, issuers, one }: Shown): void {
  const known = shown.get(authority) ?? new Map<string, Live>();
  shown.set(authority, known);
  for (const issuer of issuers) known.set(issuer, one);
}

interface Shown {
  authority: string;
  issuers: string[];
  one: Live;
}

const disbelief = (verifier: Live, what: string, shownBy: Live | undefined): string =>
  `${say(verifier)} does not believe ${what}, which ${shownBy ? say(shownBy) : 'somebody'} shows`;

const say = (one: Live): string => `${one.component} on ${one.host.name}`;

/** Once no rotation goes on: who still has to do with another issuer than the one that counts. */
export function whyOldIssuersRemain(world: World): string | undefined {
  const { trust } = latest(world);
  for (const one of liveOnes(world).filter(({ host }) => isReachable(host)))
    for (const of of rotatables) {
      const wanted = [signingIssuer(trust, of), trustedIssuers(trust, of)?.join()];
      if (wanted[0] === undefined) continue;
      for (const set of [...one.shows, ...one.believes]) {
        const [shows, knows] =
          of === tokenSigner
            ? [set.tokens.signs, set.tokens.verifies]
            : [set.leaves.get(of) ?? [], set.trusted.get(of) ?? []];
        const old = [...shows, ...knows].find((issuer) => issuer !== wanted[0]);
        if (old !== undefined) return `${say(one)} has to do with ${old} of ${of}, and ${wanted[0]} counts`;
      }
    }
  return undefined;
}

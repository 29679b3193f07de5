import { pluginAuthority } from '../cluster/certificates/certificate.ts';
import { demandRotatable } from '../cluster/certificates/rotatable.ts';
import { afterStage, openRotations, signature, turnedBack } from '../cluster/certificates/trust.ts';
import type { ClusterTrust, Rotatable, Rotation } from '../cluster/certificates/trust.ts';
import { missingForStage } from '../cluster/decide/rotation.ts';
import { CkeError } from '../cluster/errors.ts';
import type { RotationActivities, RotationLook } from './contracts/campaigns.ts';
import type { OwnCredentials } from './credentials.ts';
import type { Accepted, AcceptedDeclarations } from './declarations.ts';
import type { Kubernetes } from './kubernetes/kubernetes.ts';
import type { Look } from './observe/ports.ts';
import { forgetClientCa, missingHolders, restartPods } from './rotation-holders.ts';
import { settleLogin } from './rotation-login.ts';
import type { Declarations } from './store/declarations.ts';
import type { Store } from './store/store.ts';
import type { Vault } from './vault/vault.ts';

export interface RotationPorts {
  store: Pick<Store, 'pauses'> & { declarations: Pick<Declarations, 'putTrust'> };
  declarations: AcceptedDeclarations;
  look: Look;
  now: () => Date;
  vault: Vault;
  kubernetes: Kubernetes;
  credentials: OwnCredentials;
}

/** Most sentences of one look: it stands in payloads and on terminals. */
const mostMissing = 12;

/**
 * What the campaign of a CA rotation does: it changes which CAs are wanted, by compare-and-swap on the declaration's revision, and looks
 * whether everything is as wanted; reconcile does the work. Beside that it tells those that reconcile does not reach: Kubernetes' own holders
 * of CAs, and Vault's login of plugins.
 */
export function rotationActivities(ports: RotationPorts): RotationActivities {
  const { store, vault } = ports;
  const now = () => ports.now().toISOString();
  return {
    async beginRotation({ cluster, of, to, by, without, pods }) {
      const stored = await ports.declarations.get(cluster, 'latest');
      const known = rotationOf(stored, of);
      if (known !== undefined) return known;
      demandRotatable(stored.declaration, of);
      const [other] = openRotations(stored.declaration.trust);
      if (other !== undefined) throw oneAtATime(of, other.of);
      const { issuer, insteadOf } = signature(stored.declaration.trust, of);
      const from = issuer ?? (await vault.currentIssuer({ cluster, of }));
      await vault.prepareIssuer({ cluster, of, name: to });
      const declared = stored.declaration.ca_rotation.pods;
      const at = now();
      const rotation: Rotation = {
        stage: 'trust-both',
        from,
        to,
        by,
        startedAt: at,
        since: at,
        direction: 'forward',
        without,
        pods: pods ?? declared,
        ...(insteadOf !== undefined && { insteadOf }),
      };
      await put(ports, cluster, { stored, of, next: rotation, by });
      return rotation;
    },

    async directRotation({ cluster, of, by, without, pods, turn }) {
      const stored = await ports.declarations.get(cluster, 'latest');
      const known = rotationOf(stored, of);
      if (known === undefined) throw notRotating(cluster, of);
      const turned = turn === 'back' ? turnedBack(known, now()) : known;
      if (turned === undefined) throw tooLate(of, known);
      const next = {
        ...turned,
        without: [...new Set([...turned.without, ...without])],
        ...(pods && { pods }),
      };
      if (JSON.stringify(next) !== JSON.stringify(known)) await put(ports, cluster, { stored, of, next, by });
      return next;
    },

    lookAtRotation: ({ cluster, of }) => look(ports, { cluster, of }),

    async advanceRotation({ cluster, of, stage }) {
      const stored = await ports.declarations.get(cluster, 'latest');
      const known = rotationOf(stored, of);
      // A retry finds its own write.
      if (known?.stage !== stage) return;
      const seen = await look(ports, { cluster, of });
      if (seen.state !== 'complete') throw notComplete(of, seen);
      if (stage === 'drop-old') await vault.retireIssuer({ cluster, of, name: known.from, successor: known.to });
      await put(ports, cluster, { stored, of, next: afterStage(of, known, now()), by: known.by });
    },

    async settleHolders({ cluster, of }) {
      const stored = await ports.declarations.get(cluster, 'latest');
      const rotation = rotationOf(stored, of);
      if (rotation === undefined || (await store.pauses.get(cluster)) !== undefined) return;
      const { declaration } = stored;
      if (of === pluginAuthority) await settleLogin(ports, { declaration, rotation });
      if (rotation.stage === 'trust-both') await restartPods(ports, { declaration, of, rotation });
      if (rotation.stage === 'drop-old') await forgetClientCa(ports, { declaration, of, rotation });
    },
  };
}

function rotationOf({ declaration: { trust } }: Accepted, of: Rotatable): Rotation | undefined {
  return openRotations(trust).find((one) => one.of === of)?.rotation;
}

interface Change {
  stored: Accepted;
  of: Rotatable;
  next: ClusterTrust[Rotatable] & object;
  by: string;
}

async function put({ store }: RotationPorts, cluster: string, { stored, of, next, by }: Change): Promise<void> {
  const trust = { ...stored.declaration.trust, [of]: next };
  await store.declarations.putTrust(cluster, trust, { by, expectedRevision: stored.revision });
}

/** One look: nothing is changed. What Kubernetes holds is looked at when all of ours is in place. */
async function look(ports: RotationPorts, { cluster, of }: { cluster: string; of: Rotatable }): Promise<RotationLook> {
  const stored = await ports.declarations.get(cluster, 'latest');
  const rotation = rotationOf(stored, of);
  if (rotation === undefined) return { state: 'over', missing: [], more: 0 };
  const { declaration } = stored;
  const pause = await ports.store.pauses.get(cluster);
  const observation = await ports.look(declaration);
  const open = missingForStage({ declaration, observation, of, rotation }).map(({ because }) => because);
  const held = open.length > 0 ? [] : await missingHolders(ports, { declaration, of, rotation });
  const all = [...(pause ? [`${cluster} is paused by ${pause.by}: ${pause.because}`] : []), ...open, ...held];
  const shown = { missing: all.slice(0, mostMissing), more: Math.max(0, all.length - mostMissing) };
  return { state: all.length === 0 ? 'complete' : 'going on', rotation, ...shown };
}

function refused(message: string, fix: string): CkeError {
  return new CkeError({ code: 'RotationRefused', message, fix, remedy: 'never' });
}

const oneAtATime = (of: Rotatable, other: Rotatable): CkeError =>
  refused(`${of} is not rotated now: the rotation of ${other} has not ended`, 'cke-client status shows how far it is');

const notRotating = (cluster: string, of: Rotatable): CkeError =>
  refused(`${of} of ${cluster} is not being rotated`, `cke-client certificates rotate-ca ${of} begins it`);

const tooLate = (of: Rotatable, { to }: Rotation): CkeError =>
  refused(
    `${of} can't be rolled back any more: the old one is being dropped`,
    `let it end, then rotate again; ${to} is trusted everywhere`,
  );

const notComplete = (of: Rotatable, { missing: [first = ''] }: RotationLook): CkeError =>
  new CkeError({
    code: 'RotationRefused',
    message: `the stage of ${of} is not complete any more: ${first}`,
    remedy: 'retry',
  });

import { decide } from '../cluster/decide/decide.ts';
import { viewCertificates, type CertificatesView } from '../cluster/certificates/view.ts';
import { nodeNamed } from '../cluster/declaration/nodes.ts';
import { CkeError } from '../cluster/errors.ts';
import type { CampaignActivities, CampaignLook } from './contracts/campaigns.ts';
import { readDeclaration, type AcceptedDeclarations } from './declarations.ts';
import { observeCluster } from './observe/observe-cluster.ts';
import type { ObservePorts } from './observe/ports.ts';
import type { Store } from './store/store.ts';

interface CampaignPorts {
  store: Pick<Store, 'declarations' | 'rotations'>;
  declarations: AcceptedDeclarations;
  observe: ObservePorts;
}

/** What campaigns do: they change what is wanted, and look. Only reconcile acts on the cluster (DESIGN §5). */
export function campaignActivities({ store, declarations, observe }: CampaignPorts): CampaignActivities {
  return {
    async acceptDeclaration({ cluster, text, baseRevision, by }) {
      readDeclaration(cluster, text);
      const latest = await store.declarations.get(cluster, 'latest');
      if (latest?.text === text) return { revision: latest.revision };
      return { revision: await store.declarations.put(cluster, text, { by, expectedRevision: baseRevision }) };
    },

    async askForRenewal({ cluster, kind, node, by, id }) {
      const { declaration } = await declarations.get(cluster, 'latest');
      if (node !== undefined && nodeNamed(declaration, node) === undefined) throw notDeclared(cluster, node);
      const wish = { by, id, at: new Date().toISOString(), ...(kind && { kind }), ...(node !== undefined && { node }) };
      return { generation: await store.rotations.ask(cluster, wish) };
    },

    async lookAtRenewal({ cluster, generation, ...scope }) {
      const { declaration } = await declarations.get(cluster, 'latest');
      const observation = await observeCluster(observe, declaration);
      return rotationState(viewCertificates({ declaration, observation }, scope), generation);
    },

    async lookAtReplacement({ cluster, old, replacement }) {
      const { declaration } = await declarations.get(cluster, 'latest');
      if (nodeNamed(declaration, old) !== undefined || nodeNamed(declaration, replacement) === undefined)
        throw overtaken({ old, replacement });
      const observation = await observeCluster(observe, declaration);
      const { steps, waits, blockers, pending = [], notes = [] } = decide({ declaration, observation, setAside: [] });
      const open = steps.length + waits.length + blockers.length + pending.length;
      if (open === 0)
        return { state: 'done', because: notes.find((note) => note.startsWith(`${old} `)) ?? `${old} is gone` };
      const [because = `${steps.length} steps are left`] = [...blockers, ...pending, ...waits].map(
        (one) => one.because,
      );
      return { state: 'going on', because };
    },
  };
}

function rotationState({ certificates, unknown }: CertificatesView, generation: number): CampaignLook {
  const old = certificates.filter((one) => one.generation < generation);
  const [first] = old;
  if (first !== undefined)
    return {
      state: 'going on',
      because: `${certificates.length - old.length} of ${certificates.length} are new; next ${first.kind} on ${first.node}`,
    };
  const [unseen] = unknown;
  if (unseen !== undefined) return { state: 'going on', because: unseen.because };
  return { state: 'done', because: `${certificates.length} certificates are new` };
}

function notDeclared(cluster: string, node: string): CkeError {
  return new CkeError({
    code: 'InvalidRequest',
    message: `${cluster} has no node ${node}`,
    fix: 'cke-client nodes',
    remedy: 'never',
  });
}

function overtaken({ old, replacement }: { old: string; replacement: string }): CkeError {
  return new CkeError({
    code: 'StalePlan',
    message: `the declaration was changed meanwhile: it does not say any more that ${replacement} takes the place of ${old}`,
    fix: 'cke-client status shows what is wanted now',
    remedy: 'never',
  });
}

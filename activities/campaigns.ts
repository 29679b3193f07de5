import { decide } from '../cluster/decide/decide.ts';
import { nodeNamed } from '../cluster/declaration/nodes.ts';
import { CkeError } from '../cluster/errors.ts';
import type { CampaignActivities } from './contracts.ts';
import { readDeclaration, type AcceptedDeclarations } from './declarations.ts';
import { observeCluster } from './observe/observe-cluster.ts';
import type { ObservePorts } from './observe/ports.ts';
import type { Store } from './store/store.ts';

interface CampaignPorts {
  store: Pick<Store, 'declarations'>;
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

    async lookAtReplacement({ cluster, old, replacement }) {
      const { declaration } = await declarations.get(cluster, 'latest');
      if (nodeNamed(declaration, old) !== undefined || nodeNamed(declaration, replacement) === undefined)
        throw overtaken({ old, replacement });
      const observation = await observeCluster(observe, declaration);
      const { steps, waits, blockers, notes = [] } = decide({ declaration, observation, setAside: [] });
      const open = steps.length + waits.length + blockers.length;
      if (open === 0)
        return { state: 'done', because: notes.find((note) => note.startsWith(`${old} `)) ?? `${old} is gone` };
      const [because = `${steps.length} steps are left`] = [...blockers, ...waits].map((one) => one.because);
      return { state: 'going on', because };
    },
  };
}

function overtaken({ old, replacement }: { old: string; replacement: string }): CkeError {
  return new CkeError({
    code: 'StalePlan',
    message: `the declaration was changed meanwhile: it does not say any more that ${replacement} takes the place of ${old}`,
    fix: 'cke-client status shows what is wanted now',
    remedy: 'never',
  });
}

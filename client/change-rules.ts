import type { Store } from '../activities/store/store.ts';
import { judgeObservedChange } from '../cluster/decide/change-rules.ts';
import { changesFrozenFields, judgeFrozenFields } from '../cluster/decide/frozen-kubelet.ts';
import { isMinorUpgrade, judgeObservedUpgrade, withoutTakenBack } from '../cluster/decide/upgrade-rules.ts';
import { downgradeCode, judgeChange } from '../cluster/declaration/changes.ts';
import type { Declaration } from '../cluster/declaration/declaration.ts';
import { judgeEnrolment, type OtherCluster } from '../cluster/declaration/enrolment.ts';
import { controlPlanes, controlPlaneNames } from '../cluster/declaration/nodes.ts';
import { CkeError } from '../cluster/errors.ts';
import { parseDeclaration } from '../cluster/declaration/parse.ts';
import { problemText } from '../cluster/declaration/problem-text.ts';
import type { Problem } from '../cluster/declaration/problem.ts';
import { askView } from './look.ts';
import { askStatus } from './requests.ts';
import type { Session } from './session.ts';

interface Change {
  /** Absent for the first declaration of a cluster. */
  accepted: Declaration | undefined;
  wished: Declaration;
}

/**
 * The declaration that a change is judged against: undefined for a cluster's first one.
 * @throws CkeError DeclarationRefused where this release does not understand the accepted one: no rule could be asked then
 */
export function acceptedBefore(cluster: string, text: string | undefined): Declaration | undefined {
  if (text === undefined) return undefined;
  const parsing = parseDeclaration(text);
  if (parsing.outcome === 'accepted') return parsing.declaration;
  const [first] = parsing.problems;
  throw new CkeError({
    code: 'DeclarationRefused',
    message: `${cluster}: this release does not understand the accepted declaration, so that no change can be judged against it`,
    ...(first && { got: problemText(first, 'the accepted one') }),
    fix: 'with the release that accepted it, change what this one does not support any more (see its notes), and wait until that has converged',
    remedy: 'never',
  });
}

/** What speaks against a change, judged before anything is accepted: by the documents, the other clusters, and etcd as it is now. */
export async function changeProblems(session: Session, { accepted, wished }: Change): Promise<Problem[]> {
  const elsewhere = judgeEnrolment(wished, await otherClusters(session.store(), wished.name));
  if (accepted === undefined) return elsewhere;
  const written = [...judgeChange(accepted, wished), ...elsewhere];
  const standing = await withoutHarmlessDowngrades(session, written, { accepted, wished });
  return [...standing, ...(await observedProblems(session, accepted, wished))];
}

/** Where an operation runs it may be about to start what is newer: then nothing is taken back. */
async function withoutHarmlessDowngrades(
  session: Session,
  problems: Problem[],
  { accepted, wished }: { accepted: Declaration; wished: Declaration },
): Promise<Problem[]> {
  if (!problems.some(({ code }) => code === downgradeCode)) return problems;
  const client = await session.temporal();
  const [entity, view] = await Promise.all([askStatus(client, accepted.name), askView(client, accepted.name)]);
  return entity?.state === 'reconciling' ? problems : withoutTakenBack(problems, { wished, view });
}

/** A control plane taken out, another minor of Kubernetes, what a running kubelet can't change: judged by the cluster as it is now. */
async function observedProblems(session: Session, accepted: Declaration, wished: Declaration): Promise<Problem[]> {
  const after = new Set(controlPlaneNames(wished));
  const takesAway = controlPlanes(accepted).some(({ name }) => !after.has(name));
  if (!takesAway && !isMinorUpgrade(accepted, wished) && !changesFrozenFields({ accepted, wished })) return [];
  const view = await askView(await session.temporal(), accepted.name);
  return [
    ...judgeObservedChange({ accepted, wished, etcd: view.etcd }),
    ...judgeObservedUpgrade({ accepted, wished, view }),
    ...judgeFrozenFields({ accepted, wished, view }),
  ];
}

/** The machines of all other clusters: declared, or on record because they were prepared and not cleaned yet. */
async function otherClusters(
  { declarations, records }: Pick<Store, 'declarations' | 'records'>,
  name: string,
): Promise<OtherCluster[]> {
  const others = (await declarations.clusters()).filter((cluster) => cluster !== name);
  return Promise.all(
    others.map(async (cluster) => {
      const [latest, { nodes = {} }] = await Promise.all([declarations.get(cluster, 'latest'), records.all(cluster)]);
      const enrolled = Object.entries(nodes).map(([node, { address }]) => ({ name: node, address }));
      return { cluster, nodes: [...declaredNodes(latest?.text), ...enrolled] };
    }),
  );
}

function declaredNodes(text: string | undefined): OtherCluster['nodes'] {
  const parsing = parseDeclaration(text ?? '');
  return parsing.outcome === 'accepted' ? parsing.declaration.nodes : [];
}

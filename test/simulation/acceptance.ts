import { judgeObservedChange } from '../../cluster/decide/change-rules.ts';
import { isMinorUpgrade, judgeObservedUpgrade } from '../../cluster/decide/upgrade-rules.ts';
import { judgeChange } from '../../cluster/declaration/changes.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { controlPlanes, controlPlaneNames } from '../../cluster/declaration/nodes.ts';
import { quorum } from '../../cluster/etcd/quorum.ts';
import { viewCluster } from '../../cluster/view.ts';
import { voters } from './model/etcd.ts';
import { observe } from './model/observe.ts';
import { latest, type World } from './model/world.ts';

/** Whether a declaration may follow the accepted one. */
export type Acceptance = (world: World, after: Declaration) => boolean;

/** D-01, D-04, D-08, by what etcd is: stricter than `apply` while members are exchanged. */
export const keepingVoters: Acceptance = (world, after) => {
  const masters = controlPlaneNames(after);
  const votes = voters(world).map(({ node }) => node);
  if (world.records.etcd.state !== 'done') return keepsFirstMembers(world, after);
  const staying = votes.filter((name) => masters.includes(name)).length;
  return masters.length % 2 === 1 && staying >= quorum(votes.length);
};

/** What client/change-rules.ts asks: the documents, and what is seen at this moment where a change wants that. */
export const asApply: Acceptance = (world, wished) => {
  const accepted = latest(world);
  if (controlPlanes(wished).length % 2 === 0 || !keepsFirstMembers(world, wished)) return false;
  if (judgeChange(accepted, wished).length > 0) return false;
  const stay = controlPlaneNames(wished);
  const takesAway = controlPlaneNames(accepted).some((name) => !stay.includes(name));
  if (!takesAway && !isMinorUpgrade(accepted, wished)) return true;
  const view = viewCluster({ declaration: accepted, revision: world.declarations.length, observation: observe(world) });
  const problems = [
    ...judgeObservedChange({ accepted, wished, etcd: view.etcd }),
    ...judgeObservedUpgrade({ accepted, wished, view }),
  ];
  return problems.length === 0;
};

/** The members of a first start can't change in its middle: that is said, and a person has to put them back. */
function keepsFirstMembers(world: World, after: Declaration): boolean {
  return (
    world.records.etcd.state === 'done' || controlPlaneNames(after).join() === controlPlaneNames(latest(world)).join()
  );
}

import { componentsOf } from '../components/component-spec.ts';
import { combine, placements, type PhaseRule } from './facts.ts';
import { rollOut } from './rollout.ts';

/** rivers and etcd-rivers on every node that runs them: everything else reaches the control planes through them. */
export const proxies: PhaseRule = (facts) => {
  const { declaration } = facts;
  const atOnce = declaration.update_strategy.max_concurrent_updates;
  return combine(
    (['rivers', 'etcd-rivers'] as const).map((component) =>
      rollOut(
        placements(
          facts,
          component,
          declaration.nodes.filter((node) => componentsOf(declaration, node).includes(component)),
        ),
        { atOnce },
      ),
    ),
  );
};

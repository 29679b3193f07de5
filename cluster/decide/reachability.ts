import { nothing, type PhaseRule } from './facts.ts';

/** Declared nodes that can't be reached, and what this operation set aside: never hidden behind `converged`. */
export const reachability: PhaseRule = ({ declaration, observation, setAside }) => ({
  ...nothing,
  blockers: [
    ...declaration.nodes.flatMap(({ name }) => {
      const seen = observation.nodes[name];
      if (seen?.state === 'observed') return [];
      return [
        {
          gate: 'node-unreachable',
          code: seen?.code ?? ('NodeUnreachable' as const),
          node: name,
          because: seen?.because ?? `${name} was not looked at`,
          // Who answers there must be found out first: its own sentence says how.
          ...(seen?.code !== 'NodeHostKeyChanged' && { fix: `bring ${name} back, or take it out of the declaration` }),
        },
      ];
    }),
    ...setAside.map(({ node, component, code, because, fix }) => ({
      gate: 'step-failed',
      code,
      ...(node !== undefined && { node }),
      ...(component && { component }),
      because,
      ...(fix !== undefined && { fix }),
    })),
  ],
});

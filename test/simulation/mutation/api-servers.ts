import { inSchedules, inTest, type Mutant } from './mutant.ts';

const apiServers = 'cluster/decide/api-servers.ts';
const recovering = 'cluster/decide/recovering-api-servers.ts';

/** Guards of API servers and of roll-outs. */
export const apiServerGuards: Mutant[] = [
  ...inSchedules([
    [
      'A-01',
      'an API server stops only while all others serve',
      {
        file: apiServers,
        find: 'outdated.length > 0 ? whyNoneMayStop(facts, all) : undefined',
        put: 'undefined as string | undefined',
      },
    ],
    [
      'A-01',
      'an API server is withdrawn before it stops',
      { file: apiServers, find: '!isReadyEndpoint(facts, next);', put: 'facts !== undefined;' },
    ],
    [
      'A-01',
      'an API server that may come back is withdrawn before it is replaced',
      { file: recovering, find: 'return whyNotWithdrawn(facts, one.node.name);', put: 'return undefined;' },
    ],
    [
      'A-02',
      'an API server without its etcd-rivers is left alone',
      {
        file: apiServers,
        find: 'isAiling(one) && lacksWayToEtcd(facts, one)',
        put: 'isAiling(one) && one.component === "etcd"',
      },
      {
        file: recovering,
        find: "isAiling(one) || one.container?.state === 'restarting'",
        put: "one.container?.state === 'restarting'",
      },
    ],
    [
      'A-02',
      'etcd-rivers stops only while all other API servers serve',
      { file: 'cluster/decide/proxies.ts', find: 'hold: holdForServers(facts, masters)', put: 'hold: () => undefined' },
    ],
    [
      'canary',
      'a spec that was not seen healthy goes to one node only',
      { file: 'cluster/decide/rollout.ts', after: 'function takeTurns', find: 'proven ? atOnce : 1', put: 'atOnce' },
      {
        file: 'cluster/decide/rollout.ts',
        after: 'export function whyUnproven',
        find: 'if (placements.some(isProof)) return undefined;',
        put: 'if (placements.length > 0) return undefined;',
      },
    ],
    [
      'P10',
      'what can’t be seen is not called healthy (unknown blocks)',
      {
        file: 'cluster/decide/placement.ts',
        after: 'export const isHealthy',
        find: "health.state === 'healthy'",
        put: "health.state !== 'unhealthy'",
      },
    ],
  ]),
  ...inTest(
    {
      project: 'unit',
      file: 'cluster/decide/departing.test.ts',
      name: 'they stay',
    },
    [
      [
        'A-01',
        'the servers of a control plane that leaves go only when the declared ones serve, and nobody is sent to them',
        {
          file: 'cluster/decide/unexpected-components.ts',
          find: 'seen.containers[component]) && mayGo(facts, node)',
          put: 'seen.containers[component])',
        },
      ],
    ],
  ),
  // Schedules have shown it once in millions: both have to come back in the moment in which they are stopped.
  ...inTest(
    { project: 'unit', file: 'cluster/decide/api-servers.test.ts', name: 'two are outdated and die again and again' },
    [
      [
        'A-03',
        'API servers that may come back are replaced one after the other',
        { file: recovering, find: 'if (first !== one) return', put: 'if (first.component === "etcd") return' },
      ],
    ],
  ),
];

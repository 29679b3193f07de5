import { gone, inSchedules, type Mutant } from './mutant.ts';

const containers = 'activities/steps/containers.ts';
const stopAndRemove = 'activities/steps/stop-and-remove.ts';

/** Guards against two writers, and against two things at the same time. */
export const oneWriter: Mutant[] = inSchedules([
  [
    'E-02',
    'the fence before a container is made',
    gone({ file: containers, after: 'if (standing !== undefined) await clear', find: 'await fence.mayAct(mandate);' }),
  ],
  [
    'E-02',
    'the fence before a container is removed',
    gone({ file: stopAndRemove, after: 'await docker.stop(', find: 'await fence.mayAct(mandate);' }),
  ],
  [
    'E-02',
    'the fence before a new container is started',
    gone({ file: containers, after: "if (outcome === 'exists')", find: 'await fence.mayAct(mandate);' }),
  ],
  [
    'E-05',
    'a container that stands already with the wanted spec is adopted',
    {
      file: containers,
      find: 'standing.id !== mandate.containerId && isWanted(spec, standing)',
      put: "standing.id === ''",
    },
  ],
  [
    'E-05',
    'an addition that was begun goes on',
    {
      file: 'activities/steps/membership/record.ts',
      find: "if (membership?.state === 'first-start') return membership;",
      put: '',
    },
  ],
  [
    'E-06',
    'one thing at a time is taken from the control plane (A-03)',
    { file: 'cluster/decide/decide.ts', find: 'withoutClashes(facts, asked.steps)', put: 'asked.steps' },
  ],
]);

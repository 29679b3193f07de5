import { gone, inRotations, type Mutant } from './mutant.ts';

const stages = 'cluster/certificates/trust.ts';
const decision = 'cluster/decide/rotation.ts';
const keyStages = 'cluster/encryption/key-change.ts';
const serving = 'cluster/encryption/serving.ts';
const keyLook = 'workflows/campaigns/key-change-look.ts';

/** Guards of certificates and keys that are rotated. */
export const rotationGuards: Mutant[] = inRotations([
  [
    'C-01',
    'the new CA signs nothing before all believe it',
    { file: stages, find: "if (one.stage === 'trust-both') return", put: "if (one.from === '') return" },
  ],
  [
    'C-01',
    'the old CA is believed while leaves are issued anew',
    { file: stages, find: "one.stage === 'drop-old' ? [one.to]", put: "one.stage !== 'trust-both' ? [one.to]" },
  ],
  [
    'C-01',
    'a stage waits for containers that have another specification',
    gone({ file: decision, find: 'if (drift !== undefined) return say(drift);' }),
  ],
  [
    'C-01',
    'a stage waits for nodes that can’t be observed (unknown blocks)',
    {
      file: decision,
      find: 'return [{ node: node.name, because',
      put: 'return [].slice() ?? [{ node: node.name, because',
    },
  ],
  [
    'C-01',
    'a stage waits for nodes that are leaving',
    { file: decision, find: 'Object.keys(observation.departing ?? {})', put: 'Object.keys({})' },
  ],
  [
    'C-01',
    'leaves of a rotation that was turned around are told from those before it',
    { file: stages, find: "stage: 'reissue', insteadOf: to", put: "stage: 'reissue'" },
  ],
  [
    'C-06',
    'the old key of tokens verifies until what it has signed has expired',
    { file: stages, find: "of === tokenSigner ? 'overlap' : 'drop-old'", put: "'drop-old'" },
  ],
  [
    'C-06',
    'the time that tokens are given',
    gone({ file: decision, find: 'if (Date.parse(observation.at) >= end) return [];' }),
    { file: decision, find: 'return [{ because: `tokens that', put: 'return [].slice() ?? [{ because: `tokens that' },
  ],
  [
    'C-05',
    'a new key is read with before it is written with',
    { file: keyStages, after: "case 'adding':", find: '[...settled, to]', put: '[to, ...settled]' },
  ],
  [
    'C-05',
    'the old key is read with while Secrets are rewritten',
    { file: keyStages, find: '[to, ...settled]', put: '[to]' },
  ],
  [
    'C-05',
    'a stage waits for API servers that have other keys',
    gone({
      file: serving,
      find: 'if (givenCiphers(container) !== wanted) return { node, because: `the API server on ${node} is replaced` };',
    }),
  ],
  [
    'C-05',
    'a stage waits for API servers that can’t be observed (unknown blocks)',
    {
      file: serving,
      find: "if (seen?.state !== 'observed') return { node, because",
      put: "if (seen?.state !== 'observed') return undefined ?? { node: without[0] ?? '', because",
    },
    {
      file: serving,
      find: '!without.includes(one.node)',
      put: "!without.includes(one.node) && !one.because.includes('be observed')",
    },
  ],
  [
    'C-05',
    'the keys on a label are those in the files',
    {
      file: 'activities/steps/containers.ts',
      find: 'manifest?.digest !== filesDigest(spec)',
      put: "manifest?.digest === ''",
    },
  ],
  [
    'C-05',
    'only a pass over all Secrets that finds none of the old key ends the rewriting',
    gone({ file: keyLook, find: "if (pass.rewritten > 0) return 'busy';" }),
    {
      file: 'activities/encryption/rewrite-secrets.ts',
      find: 'await rewrite(stale.map(({ key }) => key));',
      put: 'await rewrite(stale.slice(1).map(({ key }) => key));',
    },
  ],
  [
    'C-05',
    'all Secrets are rewritten before the old key goes',
    {
      file: keyStages,
      after: "case 'leading':\n      return { ...record",
      find: "stage: 'rewriting'",
      put: "stage: 'dropping'",
    },
  ],
  [
    'C-05',
    'API servers know of the new version of the transit key before the old one goes',
    { file: keyStages, find: 'return kmsVersion(change.to);', put: 'return undefined;' },
    {
      file: 'cluster/encryption/cipher.ts',
      find: 'found.named === version && found.wrappedBy === version',
      put: 'found.named <= version',
    },
  ],
  [
    'C-07',
    'a private key stays out of what is noted of its certificate (P12)',
    {
      file: 'activities/render-files.ts',
      find: 'pairs.map(({ issued: one }) => ({',
      put: 'pairs.map(({ issued: one, privateKey }) => ({ privateKey,',
    },
  ],
]);

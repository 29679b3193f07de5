import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../canonical.ts';
import { componentSpec } from '../components/component-spec.ts';
import { nodeNamed } from '../declaration/nodes.ts';
import type { Cipher } from '../encryption/cipher.ts';
import { ciphersOf, type EncryptionRecord, type KeyChangeStage } from '../encryption/key-change.ts';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import { says, steps } from './testing/decided.ts';
import { byVault, converged, declare, seen } from './testing/fleet.ts';
import { all, dying, endpoints, gone, looks, outdated, stopped } from './testing/situations.ts';

const masters = ['cp-1', 'cp-2', 'cp-3'];

const change = (to: Cipher, stage: KeyChangeStage) => ({ stage, to, by: 'ann', since: '2026-01-01T00:00:00Z' });
const settled: EncryptionRecord = { generation: 1, settled: ['kms v1'] };
const before: EncryptionRecord = { generation: 1, settled: ['secretbox key-1'] };
const adding: EncryptionRecord = { ...before, change: change('kms v1', 'adding') };
const leaving: EncryptionRecord = { ...settled, change: change('secretbox key-2', 'dropping') };

/** A cluster with this record whose API servers are as `given` has them, with what is declared. */
function cluster(record: EncryptionRecord, { given = record, encryption = byVault } = {}): Facts {
  const facts = converged(declare({ encryption: byVault }));
  facts.observation.records.encryption = record;
  for (const name of masters) {
    const [server, node] = [seen(facts, name).containers['kube-apiserver'], nodeNamed(facts.declaration, name)];
    if (server === undefined || node === undefined) throw new Error(name);
    const wanted = {
      declaration: facts.declaration,
      node,
      component: 'kube-apiserver',
      ciphers: ciphersOf(given),
    } as const;
    server.spec = canonicalJson(componentSpec(wanted));
  }
  return encryption === byVault ? facts : { ...facts, declaration: declare({ encryption }) };
}

const leftVault = '{provider: secretbox}';

describe('the plugin', () => {
  test('everything is as it is wanted: nothing to do', () => {
    expect(decide(cluster(settled))).toMatchObject({ steps: [], blockers: [], waits: [] });
  });

  test('it is declared: it runs on every control plane before anything of the encryption changes', () => {
    const facts = gone('vault-kms', ...masters)(cluster(before));
    expect(steps(facts)).toEqual(['run vault-kms on cp-1 cp-2 cp-3']);
  });

  test('another spec of it goes to one control plane first', () => {
    expect(steps(outdated('vault-kms', ...masters)(cluster(settled)))).toEqual(['run vault-kms on cp-1 (restart)']);
  });

  test('Vault does not let it in: that is waited for, is nobody’s fault, and no API server is touched', () => {
    const facts = dying('vault-kms', 'cp-1')(cluster(settled));
    const plan = decide(facts);
    expect(plan).toMatchObject({ steps: [], blockers: [] });
    expect(plan.waits.map(({ on }) => on)).toEqual(['vault-kms on cp-1']);
  });

  test('it has stopped: it is started', () => {
    expect(steps(stopped('vault-kms', 'cp-2')(cluster(settled)))).toEqual(['start vault-kms on cp-2']);
  });
});

describe('an API server that is to ask it', () => {
  test('is replaced when the plugin of its node is logged in', () => {
    const withdrawn = endpoints(['cp-2', 'cp-3'], ['cp-1'], ['cp-1']);
    expect(steps(withdrawn(cluster(adding, { given: before })))).toEqual(['run kube-apiserver on cp-1 (restart)']);
  });

  test('is not withdrawn before that, and says what it waits for', () => {
    const facts = dying('vault-kms', ...masters)(cluster(adding, { given: before }));
    expect(steps(facts)).toEqual([]);
    expect(says(facts)).toContain('vault-kms on cp-1 comes first: it is restarting; it says: Error: unknown flag');
  });

  test('that is missing is not made before that', () => {
    const facts = all(gone('kube-apiserver', 'cp-2'), dying('vault-kms', 'cp-2'))(cluster(settled));
    expect(steps(facts).filter((line) => line.includes('run kube-apiserver'))).toEqual([]);
    expect(says(facts)).toContain('vault-kms on cp-2 comes first');
  });

  test('in a new cluster comes after the plugins, and all of them together', () => {
    const bare = all(gone('kube-apiserver', ...masters), gone('vault-kms', ...masters))(cluster(settled));
    expect(steps(bare)).toEqual(['run vault-kms on cp-1 cp-2 cp-3']);
    const plugged = gone('kube-apiserver', ...masters)(cluster(settled));
    expect(steps(plugged)).toContain('run kube-apiserver on cp-1 cp-2 cp-3');
  });

  test('and goes on with the plugin down: it knows its keys', () => {
    expect(steps(gone('vault-kms', 'cp-2')(cluster(settled)))).toEqual(['run vault-kms on cp-2']);
  });
});

describe('the provider is left', () => {
  test('declared only: the plugin stays while Secrets are written through it, also where it is not declared any more', () => {
    const facts = cluster(settled, { encryption: leftVault });
    expect(steps(facts)).toEqual([]);
    expect(says(facts)).toContain('Secrets are still written with kms, and secretbox is declared');
  });

  test('declared too soon: what can’t be made again without its Vault says what has to be declared', () => {
    const facts = all(
      gone('vault-kms', 'cp-1'),
      gone('kube-apiserver', 'cp-1'),
    )(cluster(settled, { encryption: leftVault }));
    expect(steps(facts).join()).not.toContain('run kube-apiserver on cp-1');
    expect(says(facts)).toContain('declare provider kms with its vault again');
  });

  test('an API server has the plugin in its configuration still: it stays', () => {
    const withdrawn = endpoints(['cp-2', 'cp-3'], ['cp-1'], ['cp-1']);
    const facts = withdrawn(
      cluster(leaving, {
        given: { ...leaving, change: change('secretbox key-2', 'rewriting') },
        encryption: leftVault,
      }),
    );
    expect(steps(facts)).toEqual(['run kube-apiserver on cp-1 (restart)']);
  });

  test('nobody has: it goes, everywhere', () => {
    const facts = cluster(leaving, { encryption: leftVault });
    expect(steps(facts)).toEqual(['stop vault-kms on cp-1 cp-2 cp-3 (restart)']);
  });

  test('its container looks otherwise than we would make it now: it is left alone', () => {
    const facts = looks('vault-kms', ['cp-1'], { spec: '{}' })(cluster(settled, { encryption: leftVault }));
    expect(steps(facts)).toEqual([]);
  });
});

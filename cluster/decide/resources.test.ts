import { describe, expect, test } from 'vitest';
import { subjectText, type ApprovalFacts, type ApprovalState } from '../approval.ts';
import type { ResourceFindings } from '../resources/user/findings.ts';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import { converged } from './testing/fleet.ts';

const none: ResourceFindings = { defined: 3, outdated: [], unwanted: [], refused: [], unknown: [] };
const namespace = '-/Namespace/-/web';
const configMap = '-/ConfigMap/web/a';
const deployment = 'apps/Deployment/web/a';

function cluster(findings: Partial<ResourceFindings>, answer?: ApprovalState): Facts {
  const facts = converged();
  const { kubernetes } = facts.observation;
  if (kubernetes.state !== 'observed') throw new Error('unobservable');
  kubernetes.resources = { ...none, ...findings };
  const approvals: ApprovalFacts = {
    revision: 1,
    fingerprintOf: subjectText,
    stateOf: () => answer ?? { state: 'open' },
  };
  return { ...facts, approvals };
}

const because = 'it is new';
const unwanted = (key: string, fate: 'delete' | 'keep' = 'delete') => ({ key, because: 'gone', revision: '7', fate });

describe('objects of users', () => {
  test('all as defined: nothing is done', () => {
    expect(decide(cluster({}))).toMatchObject({ phase: 'converged', steps: [] });
  });

  test('what others stand on comes first', () => {
    const { steps, phase } = decide(
      cluster({ outdated: [deployment, configMap, namespace].map((key) => ({ key, because })) }),
    );
    expect(phase).toBe('kubernetes-objects');
    expect(steps).toMatchObject([{ kind: 'apply-resources', keys: [namespace, configMap, deployment] }]);
  });

  test('half of the nodes are not Ready: workloads wait, the rest does not', () => {
    const facts = cluster({ outdated: [deployment, configMap].map((key) => ({ key, because })) });
    const { kubernetes } = facts.observation;
    if (kubernetes.state === 'observed') for (const node of kubernetes.nodes.slice(0, 3)) node.ready = 'false';
    const { steps, waits } = decide(facts);
    expect(steps.filter(({ kind }) => kind === 'apply-resources')).toMatchObject([{ keys: [configMap] }]);
    expect(waits.map(({ on }) => on)).toContain('Deployment web/a');
  });

  test('a refused one is reported, and nothing else is held up', () => {
    const { steps, blockers } = decide(
      cluster({ refused: [{ key: deployment, because: 'no' }], outdated: [{ key: configMap, because }] }),
    );
    expect(steps).toMatchObject([{ keys: [configMap] }]);
    expect(blockers).toMatchObject([{ gate: 'resource-refused', because: 'Deployment web/a: no' }]);
  });

  test('hundreds of refused ones do not fill the report', () => {
    const refused = Array.from({ length: 100 }, (_, index) => ({ key: `${configMap}${index}`, because: 'no' }));
    const { blockers } = decide(cluster({ refused }));
    expect(blockers).toHaveLength(21);
    expect(blockers.at(-1)?.because).toBe('80 more resources are refused');
  });

  test('what is defined no more is deleted, the last first, once nothing is left to apply', () => {
    const gone = [unwanted(configMap), unwanted(deployment)];
    expect(decide(cluster({ unwanted: gone })).steps).toMatchObject([
      { kind: 'delete-resources', keys: [deployment, configMap] },
    ]);
    const busy = decide(cluster({ unwanted: gone, outdated: [{ key: '-/ConfigMap/web/b', because }] }));
    expect(busy.steps.map(({ kind }) => kind)).toEqual(['apply-resources']);
  });

  test('a namespace is deleted after a yes only', () => {
    const findings = { unwanted: [unwanted(namespace), unwanted(configMap)] };
    const asked = decide(cluster(findings));
    expect(asked.steps).toMatchObject([{ keys: [configMap] }]);
    expect(asked.pending).toMatchObject([{ target: 'Namespace web', risk: 'data-loss' }]);
    const [step, ...others] = decide(cluster(findings, { state: 'approved' })).steps;
    expect(others).toEqual([]);
    expect(step).toMatchObject({ keys: [configMap, namespace], risk: 'data-loss', approvals: [expect.any(String)] });
  });

  test('a no keeps it, and is told', () => {
    const { steps, blockers } = decide(cluster({ unwanted: [unwanted(namespace)] }, { state: 'rejected', by: 'ann' }));
    expect(steps).toEqual([]);
    expect(blockers[0]?.because).toBe('Namespace web is defined no more, and ann has rejected to delete it');
  });

  test('one that is to stay is let go without a question', () => {
    const { steps, pending } = decide(cluster({ unwanted: [unwanted(namespace, 'keep')] }));
    expect(pending).toBeUndefined();
    expect(steps).toMatchObject([{ kind: 'delete-resources', keys: [namespace] }]);
  });

  test('kinds that can’t be listed are said to be unknown', () => {
    const { phase, blockers } = decide(cluster({ unknown: [{ kind: '/ConfigMap', because: '503' }] }));
    expect(phase).toBe('waiting');
    expect(blockers).toMatchObject([{ because: "resources of ConfigMap can't be observed: 503" }]);
  });
});

import { beforeEach, expect, test, vi } from 'vitest';
import { CkeError, type ErrorCode } from '../../cluster/errors.ts';
import { declare } from '../../cluster/decide/testing/fleet.ts';
import type { KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import type { AppliedResource } from '../../cluster/resources/user/applied.ts';
import { definitionOf } from '../../cluster/resources/user/definition.ts';
import type { ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import { resourceActivities } from './resources.ts';

const declaration = declare();
const mandate = { cluster: declaration.name, revision: 1, epoch: 1 };
const applied = { outcome: 'applied' as const, fields: 'f', namespace: 'default' };

let definitions: Map<ResourceKey, { resource: { object: KubernetesObject; secretVersion?: number }; revision: string }>;
let records: Map<ResourceKey, AppliedResource>;
const calls = {
  applyResource: vi.fn(),
  deleteResource: vi.fn(),
  listResources: vi.fn(),
  resourceSecret: vi.fn(),
  issue: vi.fn(),
};

beforeEach(() => {
  [definitions, records] = [new Map(), new Map()];
  for (const call of Object.values(calls)) call.mockReset();
  calls.applyResource.mockResolvedValue(applied);
  calls.deleteResource.mockResolvedValue(applied);
  calls.listResources.mockResolvedValue({ live: new Map(), unknown: new Map() });
  calls.resourceSecret.mockResolvedValue({ data: { password: 'YQ==' }, version: 2 });
});

const activities = resourceActivities({
  declarations: { get: async () => ({ declaration, revision: 1 }) },
  fence: { mayAct: async () => {} },
  credentials: { kubernetes: async () => ({}) },
  kubernetes: calls,
  vault: { ...calls, authorityBundle: async () => 'CA' },
  store: {
    resources: {
      definitions: async () => definitions,
      revisions: async () => new Map(),
      applied: async () => new Map(records),
      putApplied: async (_cluster: string, changes: Map<ResourceKey, AppliedResource | 'forget'>) => {
        for (const [key, record] of changes)
          if (record === 'forget') records.delete(key);
          else records.set(key, record);
      },
    },
  },
} as unknown as Parameters<typeof resourceActivities>[0]);

function define(
  kind: string,
  name: string,
  more: Partial<KubernetesObject> & { annotations?: Record<string, string> } = {},
) {
  const { annotations, ...rest } = more;
  const metadata = { name, namespace: 'default', ...(annotations && { annotations }) };
  const key: ResourceKey = `-/${kind}/default/${name}`;
  const object = { apiVersion: 'v1', kind, ...rest, metadata };
  definitions.set(key, { resource: { object, ...(kind === 'Secret' && { secretVersion: 2 }) }, revision: '7' });
  return key;
}

const apply = () => activities.applyResources({ ...mandate, keys: [...definitions.keys()] });
const fails = (code: ErrorCode, message = 'no') => new CkeError({ code, message, remedy: 'retry' });

test('what Vault does not like about one object is told of that one, and the others are applied', async () => {
  const [bad, good] = [
    define('Secret', 'bad', { annotations: { 'cke.cybozu.com/issue-cert': 'x' } }),
    define('ConfigMap', 'good'),
  ];
  calls.issue.mockRejectedValue(fails('VaultFailed', 'the name is not allowed'));
  await apply();
  expect(records.get(bad)?.refused?.because).toBe('the name is not allowed');
  expect(records.get(good)).toMatchObject({ revision: '7', fields: 'f' });
});

test('a sealed Vault is nobody’s fault here: the attempt fails', async () => {
  define('Secret', 'one');
  calls.resourceSecret.mockRejectedValue(fails('VaultSealed'));
  await expect(apply()).rejects.toMatchObject({ complaint: { code: 'VaultSealed' } });
});

test.each([
  ['is gone', undefined],
  ['is older than what was stored', { data: {}, version: 1 }],
])('a Secret whose content in Vault %s is not emptied', async (_, content) => {
  const key = define('Secret', 'one');
  calls.resourceSecret.mockResolvedValue(content);
  await apply();
  expect(calls.applyResource).not.toHaveBeenCalled();
  expect(records.get(key)?.refused?.because).toContain('does not hold version 2');
});

test('an object that is to stay stays, though its definition was never accepted', async () => {
  const key = define('ConfigMap', 'kept', { annotations: { 'cke.cybozu.com/prune': 'disabled' } });
  calls.applyResource.mockResolvedValue({ outcome: 'refused', because: 'immutable' });
  await apply();
  await activities.deleteResources({ ...mandate, keys: [key] });
  expect(calls.deleteResource).not.toHaveBeenCalled();
  expect(records.has(key)).toBe(false);
});

test('objects that hang are told of while API servers answer; when they are silent the attempt fails', async () => {
  const key = define('ConfigMap', 'one');
  calls.applyResource.mockRejectedValue(fails('KubernetesUnavailable', 'timed out'));
  await apply();
  expect(records.get(key)?.refused?.because).toBe('no API server answered: timed out');
  calls.listResources.mockRejectedValue(fails('KubernetesUnavailable'));
  await expect(apply()).rejects.toMatchObject({ complaint: { code: 'KubernetesUnavailable' } });
});

test('what is put back is counted, what is new is not', async () => {
  const key = define('ConfigMap', 'one');
  await apply();
  expect(records.get(key)).not.toHaveProperty('contested');
  await apply();
  await apply();
  expect(records.get(key)?.contested?.attempts).toBe(2);
});

test('a Job with a time to live is known to go by itself', async () => {
  const key = define('Job', 'once', { apiVersion: 'batch/v1', spec: { ttlSecondsAfterFinished: 0 } });
  await apply();
  expect(records.get(key)).toMatchObject({ passing: true });
});

test('rules that a ClusterRole gathers are not ours to write', () => {
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'all' },
    rules: [],
  };
  expect(definitionOf(role)).toHaveProperty('rules');
  expect(definitionOf({ ...role, aggregationRule: {} })).not.toHaveProperty('rules');
});

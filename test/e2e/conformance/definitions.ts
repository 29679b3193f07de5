import { expect } from 'vitest';
import { fromJson } from '../json.ts';
import { until } from '../story.ts';
import type { Answer } from './api.ts';
import type { Check } from './check.ts';
import { patience } from './place.ts';
import type { Place } from './place.ts';

interface Widget {
  apiVersion?: string;
  metadata: { name: string; generation?: number };
  spec: Record<string, unknown>;
  status?: Record<string, unknown>;
}

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      'x-kubernetes-validations': [{ rule: 'self.size <= self.most', message: 'larger than most' }],
      properties: {
        size: { type: 'integer', minimum: 1 },
        most: { type: 'integer', default: 10 },
        replicas: { type: 'integer', default: 1 },
      },
    },
    status: { type: 'object', properties: { replicas: { type: 'integer' } } },
  },
};

/** A kind of the check's own group, in its versions; returns where its objects are. */
export async function defined(place: Place, versions = ['v1']): Promise<string> {
  const group = `${place.namespace}.example.com`;
  const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', shortNames: ['wd'] };
  const version = (name: string, index: number) => ({
    name,
    served: true,
    storage: index === 0,
    schema: { openAPIV3Schema: schema },
    subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
    additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
  });
  const name = `widgets.${group}`;
  await place.create('CustomResourceDefinition', name, {
    spec: { group, scope: 'Namespaced', names, versions: versions.map(version) },
  });
  const established = (conditions: { type: string; status: string }[] = []) =>
    conditions.some(({ type, status }) => type === 'Established' && status === 'True');
  await place.untilIs('CustomResourceDefinition', name, 'established', ({ status }) => established(status?.conditions));
  const path = `/apis/${group}/v1/namespaces/${place.namespace}/widgets`;
  await until('served', async () => (await place.api.ask({ path })).status === 200 || undefined, patience);
  return path;
}

function make(place: Place, path: string, name: string, spec: object): Promise<Answer> {
  const [, , group = '', version = ''] = path.split('/');
  const body = { apiVersion: `${group}/${version}`, kind: 'Widget', metadata: { name }, spec };
  return place.api.ask({ method: 'POST', path, body });
}

export const definitions: Check[] = [
  {
    what: 'objects of a kind of one’s own are validated, defaulted, and lose what is not in their schema',
    run: async (place) => {
      const path = await defined(place);
      const bad = await make(place, path, 'bad', { size: 0 });
      expect([bad.status, bad.text.includes('greater than or equal to 1')]).toEqual([422, true]);
      expect((await make(place, path, 'worse', { size: 11 })).text).toContain('larger than most');
      const good = fromJson<Widget>((await make(place, path, 'good', { size: 2, colour: 'red' })).text);
      expect(good.spec).toEqual({ size: 2, most: 10, replicas: 1 });
    },
  },
  {
    what: 'their status is a part of its own, their scale is one for kubectl, and their columns are shown',
    run: async (place) => {
      const path = await defined(place);
      await make(place, path, 'good', { size: 2 });
      const merge = (rest: string, body: object) =>
        place.api.json<Widget>({
          method: 'PATCH',
          path: `${path}/good${rest}`,
          body,
          contentType: 'application/merge-patch+json',
        });
      await merge('', { status: { replicas: 7 } });
      expect((await place.api.json<Widget>({ path: `${path}/good` })).status).toBeUndefined();
      const { metadata } = await merge('/status', { status: { replicas: 7 }, spec: { size: 3 } });
      expect(metadata.generation).toBe(1);
      const full = `widgets.${place.namespace}.example.com`;
      const scaled = await place.kubectl('scale', full, 'good', '--replicas=4');
      expect(scaled.code, scaled.stderr).toBe(0);
      const { spec, status } = await place.api.json<Widget>({ path: `${path}/good` });
      expect([spec, status]).toEqual([{ size: 2, most: 10, replicas: 4 }, { replicas: 7 }]);
      expect((await place.kubectl('get', full)).stdout).toMatch(/^NAME\s+SIZE\ngood\s+2\n/u);
      expect((await place.kubectl('explain', `${full}.spec.size`)).stdout).toContain('<integer>');
    },
  },
  {
    what: 'two versions of a kind show the same objects, and a definition takes its objects along',
    run: async (place) => {
      const path = await defined(place, ['v1', 'v2']);
      await make(place, path, 'good', { size: 2 });
      const second = path.replace('/v1/', '/v2/');
      const other = async () => (await place.api.json<Widget>({ path: `${second}/good` })).apiVersion;
      expect(await until('the other version', other, patience)).toBe(`${place.namespace}.example.com/v2`);
      const name = `widgets.${place.namespace}.example.com`;
      await place.remove('CustomResourceDefinition', name);
      await until('the definition is gone', () => place.gone('CustomResourceDefinition', name), patience);
      await until(
        'it is not served',
        async () => (await place.api.ask({ path })).status === 404 || undefined,
        patience,
      );
    },
  },
];

import { expect } from 'vitest';
import { fromJson } from '../json.ts';
import { until } from '../story.ts';
import type { Check } from './check.ts';
import type { Kinds } from './kinds.ts';
import { patience } from './place.ts';
import type { Place } from './place.ts';
import { selecting, sleeping, template } from './pods.ts';

interface Event {
  type: string;
  object: { metadata: { name: string; resourceVersion: string } };
}

/** What a watch has told when `act` is done and `enough` has come. */
async function watched(place: Place, path: string, act: () => Promise<unknown>, enough: number): Promise<Event[]> {
  const end = new AbortController();
  const told = place.api.ask({
    path: `${path}${path.includes('?') ? '&' : '?'}watch=true&timeoutSeconds=20`,
    signal: end.signal,
  });
  await act();
  const timer = setTimeout(() => end.abort(), 4_000);
  const { text } = await told;
  clearTimeout(timer);
  const events = text
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => fromJson<Event>(line));
  expect(events.length, text).toBeGreaterThanOrEqual(enough);
  return events;
}

const maps = (place: Place, rest = '') => `/api/v1/namespaces/${place.namespace}/configmaps${rest}`;

const applied = (place: Place, manager: string, data: Record<string, string>, more = '') =>
  place.api.ask({
    method: 'PATCH',
    path: maps(place, `/shared?fieldManager=${manager}${more}`),
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shared' }, data },
    contentType: 'application/apply-patch+yaml',
  });

export const machinery: Check[] = [
  {
    what: 'server-side apply: a field is its manager’s, taking it is a conflict or force, and leaving it out gives it up',
    run: async (place) => {
      expect((await applied(place, 'one', { a: '1', b: '1' })).status).toBe(201);
      const conflict = await applied(place, 'two', { a: '2' });
      expect([conflict.status, conflict.text.includes('.data.a')]).toEqual([409, true]);
      expect((await applied(place, 'two', { a: '2' }, '&force=true')).status).toBe(200);
      expect((await applied(place, 'one', {})).status).toBe(200);
      expect((await place.read('ConfigMap', 'shared')).data).toEqual({ a: '2' });
    },
  },
  {
    what: 'an update on an old version is a conflict; JSON, merge and strategic patches each patch as they do',
    run: async (place) => {
      const made = await place.create('ConfigMap', 'map', { data: { a: '1', b: '1' } });
      await place.patch('ConfigMap', 'map', [{ op: 'replace', path: '/data/a', value: '2' }], 'json');
      await place.patch('ConfigMap', 'map', { data: { b: null } });
      const old = await place.api.ask({
        method: 'PUT',
        path: maps(place, '/map'),
        body: Object.assign(made, { data: {} }),
      });
      expect(old.status).toBe(409);
      expect((await place.read('ConfigMap', 'map')).data).toEqual({ a: '2' });
      await place.create('Deployment', 'web', {
        spec: {
          replicas: 0,
          selector: selecting('web'),
          template: template('web', [sleeping(), sleeping({ name: 'two' })]),
        },
      });
      const containers = [{ name: 'two', env: [{ name: 'A', value: '1' }] }];
      const { spec } = await place.patch(
        'Deployment',
        'web',
        { spec: { template: { spec: { containers } } } },
        'strategic-merge',
      );
      expect(spec?.template.spec?.containers.map(({ name }) => name)).toEqual(['main', 'two']);
    },
  },
  {
    what: 'a dry run changes nothing; strict validation refuses a field that is not known',
    run: async (place) => {
      const post = (query: string, body: object) => place.api.ask({ method: 'POST', path: maps(place, query), body });
      const map = { metadata: { name: 'dry' } };
      expect((await post('?dryRun=All', map)).status).toBe(201);
      expect((await place.api.ask({ path: maps(place, '/dry') })).status).toBe(404);
      const strict = await post('?fieldValidation=Strict', { ...map, colour: 'red' });
      expect([strict.status, strict.text.includes('unknown field')]).toEqual([400, true]);
      const lax = await post('?fieldValidation=Warn', { ...map, colour: 'red' });
      expect([lax.status, String(lax.headers['warning']).includes('unknown field')]).toEqual([201, true]);
    },
  },
  {
    what: 'lists come in pages and by labels and fields; a whole collection is deleted by its labels',
    run: async (place) => {
      for (const name of ['a', 'b', 'c', 'd']) {
        const labels = { half: name < 'c' ? 'first' : 'second' };
        await place.create('ConfigMap', name, { metadata: { labels } });
      }
      const page = (query: string) =>
        place.api.json<{ items: Kinds['ConfigMap'][]; metadata: { continue?: string } }>({ path: maps(place, query) });
      const namesOf = ({ items }: { items: Kinds['ConfigMap'][] }) => items.map(({ metadata }) => metadata?.name);
      const first = await page('?limit=2&labelSelector=half');
      expect(namesOf(first)).toEqual(['a', 'b']);
      const next = encodeURIComponent(first.metadata.continue ?? '');
      expect(namesOf(await page(`?limit=2&labelSelector=half&continue=${next}`))).toEqual(['c', 'd']);
      expect(namesOf(await page('?labelSelector=half%20notin%20(first),half'))).toEqual(['c', 'd']);
      expect(namesOf(await page('?fieldSelector=metadata.name%3Db'))).toEqual(['b']);
      await place.api.json({ method: 'DELETE', path: maps(place, '?labelSelector=half%3Dfirst') });
      expect(namesOf(await page('?labelSelector=half'))).toEqual(['c', 'd']);
    },
  },
  {
    what: 'a watch tells every change in its order, and goes on from where an earlier one ended',
    run: async (place) => {
      const change = async () => {
        await place.create('ConfigMap', 'seen', { data: { a: '1' } });
        await place.patch('ConfigMap', 'seen', { data: { a: '2' } });
        await place.remove('ConfigMap', 'seen');
      };
      const path = maps(place, '?fieldSelector=metadata.name%3Dseen');
      const events = await watched(place, path, change, 3);
      expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
      const [created] = events;
      const since = `${path}&resourceVersion=${created?.object.metadata.resourceVersion}`;
      const later = await watched(place, since, async () => {}, 2);
      expect(later.map(({ type }) => type)).toEqual(['MODIFIED', 'DELETED']);
    },
  },
  {
    what: 'events tell what became of a pod',
    run: async (place) => {
      await place.create('Pod', 'told', { spec: { containers: [sleeping()], terminationGracePeriodSeconds: 0 } });
      const path = `/api/v1/namespaces/${place.namespace}/events?fieldSelector=involvedObject.name%3Dtold`;
      const reasons = async () => {
        const { items } = await place.api.json<{ items: { reason: string }[] }>({ path });
        const told = items.map(({ reason }) => reason);
        return ['Scheduled', 'Created', 'Started'].every((reason) => told.includes(reason)) || undefined;
      };
      await until('Scheduled, Created, Started', reasons, patience);
    },
  },
  {
    what: 'the API tells what it has: versions, resources, schemas, tables; and which flow a request was of',
    run: async (place) => {
      const { paths } = await place.api.json<{ paths: Record<string, unknown> }>({ path: '/openapi/v3' });
      expect(Object.keys(paths)).toEqual(expect.arrayContaining(['api/v1', 'apis/apps/v1', 'apis/batch/v1']));
      const { groups } = await place.api.json<{ groups: { name: string }[] }>({ path: '/apis' });
      expect(groups.map(({ name }) => name)).toEqual(expect.arrayContaining(['apps', 'batch', 'policy']));
      const Accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
      const answer = await place.api.ask({ path: maps(place), headers: { Accept } });
      const table = fromJson<{ kind: string; columnDefinitions: { name: string }[] }>(answer.text);
      expect([table.kind, table.columnDefinitions.map(({ name }) => name)]).toEqual(['Table', ['Name', 'Data', 'Age']]);
      expect(answer.headers['x-kubernetes-pf-flowschema-uid']).toMatch(/[0-9a-f-]{36}/u);
    },
  },
];

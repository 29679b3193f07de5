import { lab, until } from '../story.ts';
import type { Api, Asked } from './api.ts';
import { Refused } from './api.ts';
import { apiVersionOf, isClusterWide, pathOf } from './kinds.ts';
import type { Kind, Kinds } from './kinds.ts';

type Body<K extends Kind> = Omit<Kinds[K], 'apiVersion' | 'kind'>;

/** How long anything may take on a machine that is busy with other things. */
export const patience = { seconds: 150, everyMilliseconds: 400 };

export type Merge = 'merge' | 'strategic-merge' | 'json';

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A namespace for one check, and what it makes outside of it; nobody else's names are the same. */
export interface Place {
  readonly api: Api;
  readonly namespace: string;
  /** A name for what is no namespace's. */
  named(name: string): string;
  create<K extends Kind>(kind: K, name: string, body: Body<K>): Promise<Kinds[K]>;
  read<K extends Kind>(kind: K, name: string): Promise<Kinds[K]>;
  list<K extends Kind>(kind: K, labels?: string): Promise<Kinds[K][]>;
  patch<K extends Kind>(kind: K, name: string, body: unknown, how?: Merge): Promise<Kinds[K]>;
  /** `POST` to a subresource. */
  post<T>(kind: Kind, name: string, subresource: string, body: unknown): Promise<T>;
  remove(kind: Kind, name: string, options?: object): Promise<void>;
  /** Whether it is gone. */
  gone(kind: Kind, name: string): Promise<true | undefined>;
  /** The refusal of what must not be accepted. Throws when it is accepted. */
  refusal<K extends Kind>(kind: K, name: string, body: Body<K>): Promise<Refused>;
  /** Waits until the object is as `probe` wants it; says how it was last when it does not come to that. */
  untilIs<K extends Kind>(kind: K, name: string, what: string, probe: (object: Kinds[K]) => boolean): Promise<Kinds[K]>;
  kubectl(...args: string[]): Promise<Said>;
  /** Removes all of it, without waiting for the end of the namespace. */
  leave(): Promise<void>;
}

/** Makes the namespace. Throws Refused. */
export async function openPlace(api: Api, labels: Record<string, string> = {}): Promise<Place> {
  const made = await api.json<Kinds['Namespace']>({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { generateName: 'check-', labels: { check: 'yes', ...labels } },
    },
  });
  const namespace = made.metadata?.name ?? '';
  await accountOf(api, namespace);
  return placeIn(api, namespace);
}

/** Pods are refused until their namespace has its account. */
async function accountOf(api: Api, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
  await until('the default account', async () => (await api.ask({ path })).status === 200 || undefined, patience);
}

function placeIn(api: Api, namespace: string): Place {
  const outside: string[] = [];
  const at = (kind: Kind, name?: string, subresource?: string) =>
    pathOf(kind, { namespace, ...(name !== undefined && { name }), ...(subresource !== undefined && { subresource }) });
  const creation = (kind: Kind, name: string, body: Body<Kind>): Asked => ({
    method: 'POST',
    path: at(kind),
    body: { ...body, apiVersion: apiVersionOf(kind), kind, metadata: Object.assign({}, body.metadata, { name }) },
  });
  const place: Place = {
    api,
    namespace,
    named: (name) => `${namespace}-${name}`,
    create: <K extends Kind>(kind: K, name: string, body: Body<K>) => {
      if (isClusterWide(kind)) outside.unshift(at(kind, name));
      return api.json<Kinds[K]>(creation(kind, name, body));
    },
    read: <K extends Kind>(kind: K, name: string) => api.json<Kinds[K]>({ path: at(kind, name) }),
    list: async <K extends Kind>(kind: K, labels = '') =>
      (await api.json<{ items: Kinds[K][] }>({ path: `${at(kind)}?labelSelector=${encodeURIComponent(labels)}` }))
        .items,
    patch: <K extends Kind>(kind: K, name: string, body: unknown, how: Merge = 'merge') =>
      api.json<Kinds[K]>({
        method: 'PATCH',
        path: at(kind, name),
        body,
        contentType: `application/${how}-patch+json`,
      }),
    post: (kind, name, subresource, body) => api.json({ method: 'POST', path: at(kind, name, subresource), body }),
    remove: async (kind, name, options) => {
      await api.json({ method: 'DELETE', path: at(kind, name), ...(options && { body: options }) });
    },
    gone: async (kind, name) => (await api.ask({ path: at(kind, name) })).status === 404 || undefined,
    refusal: async <K extends Kind>(kind: K, name: string, body: Body<K>) => {
      const asked = creation(kind, name, body);
      const answer = await api.ask(asked);
      if (answer.status < 300) throw new Error(`${kind} ${name} is accepted`);
      return new Refused(asked, answer);
    },
    untilIs: (kind, name, what, probe) => untilIs(() => place.read(kind, name), `${kind} ${name}: ${what}`, probe),
    kubectl: (...args) => lab.run('kubectl', ['--namespace', namespace, ...args]),
    leave: async () => {
      for (const path of [...outside, `/api/v1/namespaces/${namespace}`]) await api.ask({ method: 'DELETE', path });
    },
  };
  return place;
}

async function untilIs<T extends object>(
  read: () => Promise<T>,
  what: string,
  probe: (object: T) => boolean,
): Promise<T> {
  return until(
    what,
    async () => {
      const object = await read();
      if (probe(object)) return object;
      throw new Error(`it says ${JSON.stringify('status' in object ? object.status : object)}`);
    },
    patience,
  );
}

import type { V1Container, V1Pod, V1PodSpec } from '@kubernetes/client-node';
import { until } from '../story.ts';
import { patience } from './place.ts';
import type { Place } from './place.ts';

/** The library's classes as what they are in requests. */
export type Container = Pick<V1Container, keyof V1Container>;
export type PodSpec = Pick<V1PodSpec, keyof V1PodSpec>;

export const busybox = 'cke.lab/busybox:1';
const echo = 'cke.lab/echo:1';

/** A container that runs a script. */
export function shell(script: string, extra: Partial<Container> = {}): Container {
  return { name: 'main', image: busybox, command: ['sh', '-c', script], ...extra };
}

/** A container that answers on port 8080 with the name of its pod. */
export function echoing(extra: Partial<Container> = {}): Container {
  const readinessProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 };
  return { name: 'echo', image: echo, ports: [{ name: 'http', containerPort: 8080 }], readinessProbe, ...extra };
}

export const sleeping = (extra: Partial<Container> = {}): Container => shell('sleep 1000000', extra);

/** A pod of these containers that ends at once when it is deleted. */
export function pod(containers: Container[], extra: Partial<PodSpec> = {}): PodSpec {
  return { terminationGracePeriodSeconds: 0, ...extra, containers };
}

/** The template of a controller's pods. */
export function template(app: string, containers: Container[], extra: Partial<PodSpec> = {}) {
  return { metadata: { labels: { app } }, spec: pod(containers, extra) };
}

export const selecting = (app: string) => ({ matchLabels: { app } });

export const isReady = ({ status }: V1Pod): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;

/** Makes a pod and waits until it is Ready. */
export async function running(
  place: Place,
  name: string,
  spec: PodSpec,
  labels: Record<string, string> = {},
): Promise<V1Pod> {
  await place.create('Pod', name, { metadata: { labels }, spec });
  return place.untilIs('Pod', name, 'Ready', isReady);
}

/** Makes a pod and waits until it has ended; what its container `main` printed, and the pod. */
export async function ended(place: Place, name: string, spec: PodSpec): Promise<{ log: string; pod: V1Pod }> {
  await place.create('Pod', name, { spec: { restartPolicy: 'Never', ...spec } });
  const made = await place.untilIs('Pod', name, 'ended', ({ status }) =>
    ['Succeeded', 'Failed'].includes(status?.phase ?? ''),
  );
  return { log: await logOf(place, name), pod: made };
}

/** What a script prints in a pod of its own that has to succeed. */
export async function output(place: Place, script: string, extra: Partial<Container> = {}): Promise<string> {
  const name = `ask-${Math.random().toString(36).slice(2, 8)}`;
  const { log, pod: made } = await ended(place, name, pod([shell(script, extra)]));
  if (made.status?.phase !== 'Succeeded') throw new Error(`${script} failed: ${log}`);
  return log.trim();
}

/** The log of a container, with the query of the API. */
export async function logOf(place: Place, name: string, query = 'container=main'): Promise<string> {
  const path = `/api/v1/namespaces/${place.namespace}/pods/${name}/log?${query}`;
  const { status, text } = await place.api.ask({ path });
  if (status !== 200) throw new Error(`the log of ${name}: ${text}`);
  return text;
}

/** What a command prints in a running pod. Throws when it fails. */
export async function within(place: Place, name: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await place.kubectl('exec', name, '--', 'sh', '-c', script);
  if (code !== 0) throw new Error(`${script} in ${name} ended with ${code}: ${stdout}${stderr}`);
  return stdout.trim();
}

/** The same, again and again until it succeeds and is as wanted. */
export function untilWithin(
  place: Place,
  name: string,
  script: string,
  wanted: (text: string) => boolean,
): Promise<string> {
  return until(
    `${script} in ${name}`,
    async () => {
      const text = await within(place, name, script);
      if (wanted(text)) return text;
      throw new Error(`it prints ${text}`);
    },
    { ...patience, everyMilliseconds: 1500 },
  );
}

export const statusOf = ({ status }: V1Pod, container = 'main') =>
  status?.containerStatuses?.find(({ name }) => name === container);

/** The phase and the reasons, for what has to come to a certain end. */
export const waitingFor = (made: V1Pod, container = 'main'): string =>
  statusOf(made, container)?.state?.waiting?.reason ?? '';

/** Why no node takes a pod; empty when one does, or nobody has looked yet. */
export const whyPending = ({ status }: V1Pod): string =>
  status?.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False')?.message ?? '';

/** Waits until the scheduler says that no node takes it. */
export const unschedulable = (place: Place, name: string) =>
  place.untilIs('Pod', name, 'unschedulable', (made) => whyPending(made) !== '');

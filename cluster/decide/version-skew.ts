import type { Component } from '../components/component.ts';
import { madeImage } from '../components/made-image.ts';
import { parseImageReference } from '../declaration/image-reference.ts';
import { minorOf, parseVersion, type Version } from '../declaration/versions.ts';
import type { Observation } from '../observation.ts';

/** How many minors a component may be behind the newest API server (S-01, S-02), and etcd behind its newest member (S-05). */
const mostBehind: Partial<Record<Component, number>> = {
  'kube-apiserver': 1,
  'kube-controller-manager': 1,
  'kube-scheduler': 1,
  kubelet: 3,
  'kube-proxy': 3,
  etcd: 1,
};

/** A component as it is on a node now. */
export interface Running {
  node: string;
  component: Component;
  /** `v1.34.4`; undefined when its image names none. */
  version: string | undefined;
}

/** Every component that was seen, with its version: on nodes that leave, too, since it writes to the same etcd until it is taken away. */
export function runningIn({ nodes, departing = {} }: Observation, readImage = madeImage): Running[] {
  const leaving = Object.entries(departing).map(([node, { seen }]) => [node, seen] as const);
  return [...Object.entries(nodes), ...leaving].flatMap(([node, seen]) =>
    seen.state !== 'observed'
      ? []
      : Object.entries(seen.containers).map(([component, { spec }]) => {
          const tag = parseImageReference(readImage(spec) ?? '')?.tag;
          return { node, component: component as Component, version: tag };
        }),
  );
}

/**
 * What would be too far behind an API server, or an etcd, of version `to`, as a sentence with the numbers; undefined when nothing
 * would. Their majors tell the two apart. What names no version is not judged: the rules for the declaration hold for it.
 */
export function whyTooFar(to: Version, running: Running[]): string | undefined {
  for (const { node, component, version } of running) {
    const is = parseVersion(version ?? '');
    const allowed = mostBehind[component];
    if (is === undefined || allowed === undefined || is.major !== to.major || to.minor - is.minor <= allowed) continue;
    const distance = `${to.minor - is.minor} minors behind ${minorOf(to)}, and at most ${allowed} are allowed`;
    return `${component} on ${node} runs ${version}: it would be ${distance}`;
  }
  return undefined;
}

/** Whether `a` is of an older minor than `b`; versions that are not known are not. */
export function isOlderMinor(a: Version | undefined, b: Version | undefined): boolean {
  return a !== undefined && b !== undefined && (a.major < b.major || (a.major === b.major && a.minor < b.minor));
}

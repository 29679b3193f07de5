import type { ContainerSpec } from '../../cluster/components/spec.ts';
import type { ContainerObservation } from '../../cluster/observation.ts';
import {
  createContainer,
  inspectContainer,
  lastLines,
  listContainers,
  removeContainer,
  startContainer,
  stopContainer,
} from './container-calls.ts';
import { followEvents } from './container-events.ts';
import type { FollowEvents } from './container-events.ts';
import { containerRequest } from './container-request.ts';
import { dockerFacts } from './docker-facts.ts';
import type { DockerFacts } from './docker-facts.ts';
import type { Engine } from './engine.ts';
import { hasImage, listImages, pullImage, removeImage } from './image-calls.ts';
import type { NodeImage, PullOptions } from './image-calls.ts';

export type ContainerState = ContainerObservation['state'];

/** A container with one of our names, from the list: one request for all of a node. */
export interface ListedContainer {
  id: string;
  name: string;
  image: string;
  labels: Record<string, string>;
  state: ContainerState;
  /** Since it was started, rounded down as Docker's list rounds; 0 when it is not running. */
  upSeconds: number;
  exitCode?: number;
  /** Since it ended by itself, rounded down as Docker's list rounds. */
  endedSeconds?: number;
}

/** One container, looked at closely. */
export interface InspectedContainer {
  id: string;
  name: string;
  image: string;
  labels: Record<string, string>;
  state: ContainerState;
  /** RFC 3339; absent when it was never started. */
  startedAt?: string;
  exitCode: number;
  /** By the engine's restart policy, since it was created. */
  restarts: number;
  /** Docker's own sentence when it could not be started. */
  startFailure?: string;
}

export interface CreateContainer {
  name: string;
  spec: ContainerSpec;
  labels: Record<string, string>;
}

/**
 * Docker on one node. All throw CkeError: NodeUnreachable, NodeAuthentication, NodeHostKeyChanged, DockerMissing, DockerDenied,
 * DockerForwardingOff, DockerFailed. A call that comes too late for anything to do says so in its result instead of throwing.
 */
export interface NodeDocker {
  /** The containers that have our names, running or not, ours or not. */
  list: () => Promise<ListedContainer[]>;
  inspect: (idOrName: string) => Promise<InspectedContainer | undefined>;
  /** Names are unique on a node: the container that has the name already is returned as `exists`. Throws ImageMissing too. */
  create: (wanted: CreateContainer) => Promise<{ outcome: 'created' | 'exists'; id: string }>;
  start: (id: string) => Promise<'started' | 'already-running' | 'gone'>;
  /** SIGTERM, and SIGKILL after so many seconds. */
  stop: (id: string, graceSeconds: number) => Promise<'stopped' | 'already-stopped' | 'gone'>;
  /** Removes a stopped container; a running one is refused with DockerFailed. */
  remove: (id: string) => Promise<'removed' | 'being-removed' | 'gone'>;
  /** The last lines of stdout and stderr; none when the container is gone. */
  logs: (id: string, lines: number) => Promise<string[]>;
  hasImage: (image: string) => Promise<boolean>;
  /** Pulls, with progress. Throws ImageMissing when it can't be had, RegistryRefused when the login is not accepted. */
  pull: (image: string, options?: PullOptions) => Promise<void>;
  images: () => Promise<NodeImage[]>;
  /** Takes the name from an image, and removes it when that was its last one; what any container is made from stays. */
  removeImage: (image: string) => Promise<'removed' | 'in-use' | 'gone'>;
  /** Follows what happens to containers with our names until the signal ends it; throws CkeError when the stream breaks. */
  events: (follow: FollowEvents) => Promise<void>;
  facts: () => Promise<DockerFacts>;
}

/** Docker's calls over one engine. */
export function createNodeDocker(engine: Engine): NodeDocker {
  return {
    list: () => listContainers(engine),
    inspect: (idOrName) => inspectContainer(engine, idOrName),
    create: ({ name, spec, labels }) => createContainer(engine, name, containerRequest(spec, labels)),
    start: (id) => startContainer(engine, id),
    stop: (id, graceSeconds) => stopContainer(engine, id, graceSeconds),
    remove: (id) => removeContainer(engine, id, 'stopped only'),
    logs: (id, lines) => lastLines(engine, id, lines),
    hasImage: (image) => hasImage(engine, image),
    pull: (image, options) => pullImage(engine, image, options),
    images: () => listImages(engine),
    removeImage: (image) => removeImage(engine, image),
    events: (follow) => followEvents(engine, follow),
    facts: () => dockerFacts(engine),
  };
}

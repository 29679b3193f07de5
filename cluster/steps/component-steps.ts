import type { Component } from '../components/component.ts';
import type { Target, ContainerTarget, StepBase } from './base.ts';

/** Checks what a node lacks, pulls the images and makes the file container: nothing of the user's is touched. */
export interface PrepareNodes extends StepBase {
  kind: 'prepare-nodes';
  targets: Target[];
}

/** Installs the files of a component and puts a container with the wanted spec in place of what is there. */
export interface RunComponent extends StepBase {
  kind: 'run-component';
  component: Exclude<Component, 'etcd'>;
  targets: ContainerTarget[];
}

/** Installs the files of a component anew; it takes them up by itself, and is not stopped. */
export interface RenewCertificates extends StepBase {
  kind: 'renew-certificates';
  component: Component;
  targets: ContainerTarget[];
}

/** Starts a container that has the wanted spec and has stopped. */
export interface StartComponent extends StepBase {
  kind: 'start-component';
  component: Component;
  targets: ContainerTarget[];
}

/** Stops and removes a container that should not be there. */
export interface StopComponent extends StepBase {
  kind: 'stop-component';
  component: Exclude<Component, 'etcd'>;
  targets: ContainerTarget[];
}

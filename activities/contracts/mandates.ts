import type { Component } from '../../cluster/components/component.ts';

/** What every mutating activity carries: which declaration it acts for, and the fencing epoch (rule E-02). */
export interface Mandate {
  cluster: string;
  revision: number;
  epoch: number;
}

export interface NodeMandate extends Mandate {
  node: string;
}

export interface ComponentMandate extends NodeMandate {
  component: Component;
}

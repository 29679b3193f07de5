import type { Component } from '../../cluster/components/component.ts';
import { endpointsIn } from '../../cluster/resources/endpoint-slice.ts';
import { describeStep } from '../../cluster/steps/describe-step.ts';
import type { Step } from '../../cluster/steps/step.ts';
import type { Mandate } from '../../activities/contracts/mandates.ts';
import type { StepActivities } from '../../activities/contracts/steps.ts';
import { depart, departureVerbs } from './departure.ts';
import { bootstrapEtcd, restartEtcdMember, restoreEtcd } from './etcd-member.ts';
import { changeMembership } from './etcd-membership.ts';
import { prepareNode } from './prepare-node.ts';
import { applyResources } from './apply-resources.ts';
import { renewCertificates, runComponent, startComponent, stopComponent } from './run-component.ts';

/** A part of a step that succeeds or fails by itself: usually one node's share. */
export interface Unit {
  title: string;
  node?: string;
  component?: Component;
  run(activities: StepActivities): Promise<void>;
}

/**
 * Cuts a step into the units that run side by side, each with the sequence of activities that carries it out. The simulator calls
 * this very function with activities of its own.
 */
export function unitsOf(step: Step, mandate: Mandate): Unit[] {
  switch (step.kind) {
    case 'prepare-nodes':
      return step.targets.map((target) => ({
        title: `prepare ${target.node}`,
        node: target.node,
        run: (activities) => prepareNode(target, mandate, activities),
      }));
    case 'run-component':
      return step.targets.map((target) => ({
        title: `run ${step.component} on ${target.node}: ${target.because}`,
        node: target.node,
        component: step.component,
        run: (activities) => runComponent(step, target, mandate, activities),
      }));
    case 'renew-certificates':
      return step.targets.map((target) => ({
        title: `renew the certificates of ${step.component} on ${target.node}: ${target.because}`,
        node: target.node,
        component: step.component,
        run: (activities) => renewCertificates(step, target, mandate, activities),
      }));
    case 'start-component':
      return step.targets.map((target) => ({
        title: `start ${step.component} on ${target.node}: ${target.because}`,
        node: target.node,
        component: step.component,
        run: (activities) => startComponent(step, target, mandate, activities),
      }));
    case 'stop-component':
      return step.targets.map((target) => ({
        title: `stop ${step.component} on ${target.node}: ${target.because}`,
        node: target.node,
        component: step.component,
        run: (activities) => stopComponent(step, target, mandate, activities),
      }));
    case 'bootstrap-etcd': {
      const foundEtcd = step.restore === undefined ? bootstrapEtcd : restoreEtcd;
      return [
        {
          title: describeStep(step),
          component: 'etcd',
          run: (activities) => foundEtcd(step, mandate, { etcd: activities, node: activities }),
        },
      ];
    }
    case 'restart-etcd-member':
      return [
        {
          title: `${step.manner ?? 'restart'} the etcd member on ${step.target.node}: ${step.target.because}`,
          node: step.target.node,
          component: 'etcd',
          run: (activities) => restartEtcdMember(step, mandate, { etcd: activities, node: activities }),
        },
      ];
    case 'add-etcd-member':
    case 'settle-etcd-member':
    case 'promote-etcd-member':
    case 'remove-etcd-member':
    case 'retire-etcd-member':
      return [
        {
          title: describeStep(step),
          node: step.target.node,
          component: 'etcd',
          run: (activities) => changeMembership(step, mandate, { etcd: activities, node: activities }),
        },
      ];
    case 'drain-node':
      return step.targets.map(({ node, because }) => ({
        title: `drain ${node}: ${because}`,
        node,
        run: (activities) => activities.evictPods({ ...mandate, node, before: step.before }),
      }));
    case 'uncordon-node':
      return step.targets.map(({ node, because }) => ({
        title: `uncordon ${node}: ${because}`,
        node,
        run: (activities) => activities.uncordonNode({ ...mandate, node }),
      }));
    case 'remove-node':
    case 'delete-node-object':
      return step.targets.map((target) => ({
        title: `${departureVerbs[step.kind]} ${target.node}: ${target.because}`,
        node: target.node,
        run: (activities) => depart(step.kind, { ...mandate, node: target.node }, activities),
      }));
    case 'enable-etcd-authentication':
      return [
        { title: 'enable etcd authentication', run: (activities) => activities.enableEtcdAuthentication(mandate) },
      ];
    case 'apply-objects':
      return [
        {
          title: `apply ${step.objects.map(({ key }) => key).join(', ')}`,
          run: (activities) => activities.applyObjects({ ...mandate, keys: step.objects.map(({ key }) => key) }),
        },
      ];
    case 'apply-resources':
      return [{ title: describeStep(step), run: (activities) => applyResources(step, mandate, activities) }];
    case 'delete-resources':
      return [
        { title: describeStep(step), run: (activities) => activities.deleteResources({ ...mandate, keys: step.keys }) },
      ];
    case 'update-api-endpoints':
      return [
        {
          title: `update the endpoints of default/kubernetes: ${step.because}`,
          run: (activities) => activities.updateApiEndpoints({ ...mandate, ...endpointsIn(step) }),
        },
      ];
    case 'update-etcd-endpoints':
      return [
        {
          title: describeStep(step),
          run: (activities) => activities.updateEtcdEndpoints({ ...mandate, ...endpointsIn(step) }),
        },
      ];
    case 'update-node-attributes':
      return step.targets.map(({ node, because }) => ({
        title: `update attributes of ${node}: ${because}`,
        node,
        run: (activities) => activities.updateNodeAttributes({ ...mandate, node }),
      }));
    case 'install-cni-configuration':
      return step.targets.map(({ node, because, podCidr }) => ({
        title: `install the CNI configuration on ${node}: ${because}`,
        node,
        run: (activities) =>
          activities.installCniConfiguration({ ...mandate, node, ...(podCidr !== undefined && { podCidr }) }),
      }));
  }
}

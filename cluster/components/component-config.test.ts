import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Json } from '../declaration/service-options.ts';
import { accepted, document, options } from '../declaration/testing/minimal.ts';
import { kubeProxySpec } from './kube-proxy.ts';
import { kubeSchedulerSpec } from './kube-scheduler.ts';
import type { ComponentSpec } from './spec.ts';

type Config = Record<string, Json>;

/** The configuration file that a component gets when the declaration says `config: {…}` of it. */
function configOf(component: 'kube-scheduler' | 'kube-proxy', fields: string): Config {
  const [group, kind] =
    component === 'kube-scheduler'
      ? ['kubescheduler.config.k8s.io/v1', 'KubeSchedulerConfiguration']
      : ['kubeproxy.config.k8s.io/v1alpha1', 'KubeProxyConfiguration'];
  const declaration = accepted(document(options(component, `config: {apiVersion: ${group}, kind: ${kind}${fields}}`)));
  const [node] = declaration.nodes;
  if (node === undefined) throw new Error('no node');
  const spec = component === 'kube-scheduler' ? kubeSchedulerSpec(declaration, node) : kubeProxySpec(declaration, node);
  return textIn(spec);
}

function textIn({ files }: ComponentSpec): Config {
  const file = files.find(({ path }) => path.endsWith('config.yml'));
  const parsed: Config = parse(file?.content === 'text' ? file.text : '');
  return parsed;
}

describe('what kube-scheduler is told', () => {
  const kubeconfig = '/etc/kubernetes/scheduler/kubeconfig';

  test('profiles and extenders are as the declaration has them', () => {
    const profiles = [
      { schedulerName: 'default-scheduler' },
      {
        schedulerName: 'packing',
        plugins: { score: { disabled: [{ name: 'ImageLocality' }] } },
        pluginConfig: [{ name: 'NodeResourcesFit', args: { scoringStrategy: { type: 'MostAllocated' } } }],
      },
    ];
    const extenders = [
      {
        urlPrefix: 'http://10.0.0.9:8888',
        filterVerb: 'filter',
        prioritizeVerb: 'prioritize',
        weight: 5,
        nodeCacheCapable: true,
        ignorable: true,
        managedResources: [{ name: 'example.com/disk', ignoredByScheduler: true }],
      },
    ];
    const said = JSON.stringify({ profiles, extenders }).slice(1, -1);
    expect(configOf('kube-scheduler', `, ${said}`)).toMatchObject({ profiles, extenders });
  });

  test('its own identity and the election of one leader are not the user’s to change', () => {
    const said =
      ', clientConnection: {kubeconfig: /tmp/mine, qps: 99}, leaderElection: {leaderElect: false, leaseDuration: 30s}';
    expect(configOf('kube-scheduler', said)).toMatchObject({
      clientConnection: { kubeconfig, qps: 99 },
      leaderElection: { leaderElect: true, leaseDuration: '30s' },
    });
  });

  test('profiling is off unless it is asked for', () => {
    expect(configOf('kube-scheduler', '')['enableProfiling']).toBe(false);
    expect(configOf('kube-scheduler', ', enableProfiling: true')['enableProfiling']).toBe(true);
  });
});

describe('what kube-proxy is told', () => {
  test.each(['iptables', 'ipvs', 'nftables', ''])('mode "%s"', (mode) => {
    expect(configOf('kube-proxy', `, mode: "${mode}"`)).toMatchObject({
      mode,
      hostnameOverride: 'cp-1',
      clientConnection: { kubeconfig: '/etc/kubernetes/proxy/kubeconfig' },
    });
  });

  test('no mode at all: the default of Kubernetes', () => {
    expect(configOf('kube-proxy', '')).not.toHaveProperty('mode');
  });

  test('a part of an object leaves our defaults of its other parts', () => {
    const { conntrack, metricsBindAddress } = configOf('kube-proxy', ', conntrack: {maxPerCore: 0}');
    expect(conntrack).toEqual({ maxPerCore: 0, tcpEstablishedTimeout: '24h', tcpCloseWaitTimeout: '1h' });
    expect(metricsBindAddress).toBe('0.0.0.0');
  });
});

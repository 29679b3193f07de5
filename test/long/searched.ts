import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runningProcess } from '../../lab/processes.ts';
import { writeAtomically } from '../../lab/state.ts';
import { dockerOf } from '../e2e/containers.ts';
import { fromJson } from '../e2e/json.ts';
import { clientCredentials } from '../e2e/servers.ts';
import { lab, run } from '../e2e/story.ts';

/** Places where people and programs look, each read whole as one text. */

export async function temporalDatabase(): Promise<string> {
  const directory = lab.paths.server('temporal');
  const files = readdirSync(directory).filter((file) => file.includes('.db'));
  return files.map((file) => readFileSync(join(directory, file), 'latin1')).join('\n');
}

interface Listed {
  execution: { workflowId: string; runId: string };
}

export async function exportedHistories(): Promise<string> {
  const listed = fromJson<Listed[]>(await run('temporal', 'workflow', 'list', '--limit', '200', '--output', 'json'));
  const texts: string[] = [];
  for (const { execution } of listed) {
    const { workflowId, runId } = execution;
    texts.push(
      await run('temporal', 'workflow', 'show', '--workflow-id', workflowId, '--run-id', runId, '--output', 'json'),
    );
  }
  return texts.join('\n');
}

export async function workerLogs(): Promise<string> {
  const directory = join(lab.paths.directory, 'log');
  const logs = readdirSync(directory).filter((file) => file.startsWith('worker-'));
  const own = logs.map((file) => readFileSync(join(directory, file), 'utf8')).filter((text) => text !== '');
  return own.join('\n');
}

export async function workerMetrics(): Promise<string> {
  const { workerMetrics: port } = lab.record().ports;
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

export async function inspections(): Promise<string> {
  const perNode = await Promise.all(
    lab.nodes().map(async (node) => {
      const docker = dockerOf(node);
      const listed = await docker.listContainers({ all: true });
      return Promise.all(listed.map(({ Id }) => docker.getContainer(Id).inspect()));
    }),
  );
  return JSON.stringify(perNode);
}

/** What the components themselves say on the nodes, and what lies around there. */
export function nodesOwnLogs(): Promise<string> {
  const logs = 'for id in $(docker ps --all --quiet); do docker logs --tail 20000 "$id" 2>&1; done';
  const leftovers = String.raw`find /tmp /var/tmp -xdev -type f -size -4096k -exec cat {} + 2>/dev/null || true`;
  return onNodes(`${logs}; ${leftovers}`);
}

export async function commandLines(): Promise<string> {
  const onAll = await onNodes('cat /proc/*/cmdline /proc/*/environ 2>/dev/null || true');
  const worker = runningProcess(lab.paths.record('worker-1'));
  const own = ['cmdline', 'environ'].map((what) => readFileSync(`/proc/${worker?.pid}/${what}`, 'utf8'));
  return [onAll, ...own].join('\n').replaceAll('\0', ' ');
}

async function onNodes(script: string): Promise<string> {
  return (await Promise.all(lab.nodes().map((node) => node.exec(['sh', '-c', script])))).join('\n');
}

export const managementEtcd = (): Promise<string> => run('etcdctl', 'get', '', '--prefix');

/** The cluster's own etcd, whole: Secrets are there, and in clear they must not be. */
export async function clusterEtcd(): Promise<string> {
  const { etcd } = await clientCredentials();
  const at = (name: string) => join(lab.paths.directory, `cluster-etcd-${name}.pem`);
  const pem = { ca: etcd.ca, cert: etcd.certificate, key: etcd.privateKey };
  for (const [name, text] of Object.entries(pem)) writeAtomically(at(name), text, 0o600);
  const place = {
    ENDPOINTS: `https://${lab.node('cp-1').address}:2379`,
    CACERT: at('ca'),
    CERT: at('cert'),
    KEY: at('key'),
  };
  const environment = Object.entries(place).map(([name, value]) => `ETCDCTL_${name}=${value}`);
  return run('env', ...environment, 'etcdctl', 'get', '', '--prefix');
}

import { stringify } from 'yaml';
import type { LabPaths, LabRecord } from './state.ts';

/** The text of cke.yaml, which client and worker read. Worker n has its own ports. */
export function settingsText(lab: Pick<LabRecord, 'ports'>, paths: LabPaths, worker = 1): string {
  const { ports } = lab;
  return stringify({
    temporal: {
      address: `127.0.0.1:${ports.temporal}`,
      namespace: 'default',
      ui: `http://127.0.0.1:${ports.temporalUi}`,
      codec_server: `127.0.0.1:${ports.codecServer + worker - 1}`,
    },
    etcd: {
      endpoints: [`https://127.0.0.1:${ports.etcdClient}`],
      ca_file: paths.pki('ca.crt'),
      cert_file: paths.pki('client.crt'),
      key_file: paths.pki('client.key'),
    },
    vault: { address: `https://127.0.0.1:${ports.vault}`, ca_file: paths.pki('ca.crt') },
    credentials_directory: paths.credentials,
    metrics: { address: `127.0.0.1:${ports.workerMetrics + worker - 1}` },
  });
}

export interface EnvironmentOptions {
  readonly lab: Pick<LabRecord, 'ports'>;
  readonly paths: LabPaths;
  /** Vault's root token, for the operator's `cke-client init`. */
  readonly vaultToken: string;
  readonly path: string;
}

/** The variables that put a running lab at a shell's fingertips. */
export function environment({ lab, paths, vaultToken, path }: EnvironmentOptions): Record<string, string> {
  return {
    CKE_CONFIG: paths.settings,
    CKE_SSH_KEY: paths.sshKey,
    KUBECONFIG: paths.kubeconfig,
    TEMPORAL_ADDRESS: `127.0.0.1:${lab.ports.temporal}`,
    VAULT_ADDR: `https://127.0.0.1:${lab.ports.vault}`,
    VAULT_CACERT: paths.pki('ca.crt'),
    VAULT_TOKEN: vaultToken,
    ETCDCTL_ENDPOINTS: `https://127.0.0.1:${lab.ports.etcdClient}`,
    ETCDCTL_CACERT: paths.pki('ca.crt'),
    ETCDCTL_CERT: paths.pki('client.crt'),
    ETCDCTL_KEY: paths.pki('client.key'),
    PATH: [paths.bin, ...path.split(':').filter((part) => part !== paths.bin)].join(':'),
  };
}

/** `export NAME='value'` lines that any POSIX shell can evaluate. */
export function asExports(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'\n`)
    .join('');
}

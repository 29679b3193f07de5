import { z } from 'zod';
import { encryptionProviders } from '../encryption/cipher.ts';
import { between, checked, matching, placed, strict, whole, vaultEntry } from './field.ts';
import { machineAddress, hostKey, sshPort, sshUser } from './node-schema.ts';
import { pathFinding } from './mounts.ts';
import type { Finding } from './problem.ts';
import { encryptedFinding, webhookFinding } from './webhook-url.ts';

const DAY_SECONDS = 86_400;

export const sshSchema = strict({
  port: sshPort.default(22).describe('SSH port of the nodes that name none.'),
  bastion: strict({
    address: machineAddress.describe('IP address of the jump host.'),
    port: sshPort.default(22).describe('Its SSH port.'),
    user: sshUser.describe('SSH user on it.'),
    host_key: hostKey.exactOptional().describe('Its host key; pinned on first contact when absent.'),
  })
    .exactOptional()
    .describe('Jump host that all nodes are reached through.'),
  authorized_keys_file: matching(/^(?!.*\.\.)[A-Za-z0-9._%/-]{1,200}$/, {
    want: 'a path, absolute or below the home directory of the SSH user; %u stands for that user',
    hint: 'the file that AuthorizedKeysFile of sshd_config names on the nodes',
  })
    .default('.ssh/authorized_keys')
    .describe('Where `ssh rotate-key` exchanges the key on the nodes; the SSH user must be able to write it.'),
});

export const reconcileSchema = strict({
  interval_seconds: whole({ least: 1, most: DAY_SECONDS })
    .default(60)
    .describe('How often the cluster is looked at when nothing happens; events wake it at once.'),
  file_check_seconds: whole({ least: 10, most: DAY_SECONDS })
    .default(600)
    .describe('How often a look compares the files on a node with what was installed.'),
});

/**
 * Ten years, CKE's own lifetime, is the longest. The shortest, a bit more than a minute, leaves time to renew everything one after
 * the other: it is for tests, and a warning says so.
 */
export const certificatesSchema = placed(
  strict({
    lifetime_hours: between({ least: 0.02, most: 87_600 })
      .default(8760)
      .describe('Lifetime of a leaf certificate; fractions are for tests.'),
    renew_before_hours: between({ least: 0.005, most: 58_400 })
      .exactOptional()
      .describe('Rest of the lifetime at which it is renewed; 720, or a third of a short lifetime.'),
  }),
  ({ lifetime_hours, renew_before_hours }) =>
    renew_before_hours === undefined || renew_before_hours <= (lifetime_hours * 2) / 3
      ? []
      : [{ at: ['renew_before_hours'], finding: renewsForEver }],
);

const renewsForEver: Finding = {
  code: 'invalid-duration',
  want: 'at most two thirds of lifetime_hours',
  hint: 'a certificate would be renewed almost as soon as it is issued',
};

export const caRotationSchema = strict({
  token_overlap_hours: whole({ least: 0, most: 87_600 })
    .default(25)
    .describe(
      'How long the old key still verifies tokens of service accounts. Kubelets renew mounted ones within a day; more for clients that keep theirs longer.',
    ),
  pods: z
    .enum(['ask', 'restart', 'leave'])
    .default('ask')
    .describe(
      'Pods that began before a new Kubernetes CA was published: list them and wait, restart their Deployment, DaemonSet or StatefulSet, or leave them.',
    ),
});

/** The plugin would end with no more than a word about it, on every control plane. */
function certificatesFinding(text: string): Finding | undefined {
  const begun = text.match(/-----BEGIN CERTIFICATE-----/g) ?? [];
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
  const code = 'invalid-text';
  if (!/^\s*-----BEGIN CERTIFICATE-----/.test(text))
    return { code, want: 'certificates in PEM', hint: 'the content of the file, not its path' };
  return certificates.length === begun.length
    ? undefined
    : {
        code,
        want: 'whole certificates in PEM',
        hint: 'one of them is truncated: its END line, or a part of it, is missing',
      };
}

export const secretsEncryptionSchema = placed(
  strict({
    provider: z
      .enum(encryptionProviders)
      .describe('What they are encrypted with. A change is carried out by cke-client secrets rotate-key.'),
    vault: strict({
      address: checked(z.string(), encryptedFinding).describe(
        '`https://host:port` of Vault, as control planes reach it.',
      ),
      ca: checked(z.string(), certificatesFinding)
        .exactOptional()
        .describe('PEM of the CA of Vault’s own certificate; public CAs when absent.'),
    })
      .exactOptional()
      .describe('For the provider `kms`: whose transit engine wraps the data keys.'),
  }),
  ({ provider, vault }) => {
    if ((provider === 'kms') === (vault !== undefined)) return [];
    return [{ at: ['vault'], finding: provider === 'kms' ? vaultMissing : vaultUnused }];
  },
);

const vaultMissing: Finding = {
  code: 'required',
  want: 'the address of Vault, because provider is kms',
  hint: 'vault: {address: https://…:8200, ca: …}, as control planes reach it',
};

const vaultUnused: Finding = {
  code: 'conflict',
  want: 'no vault unless provider is kms',
  hint: 'take it out: a plugin that is still in use goes on until cke-client secrets rotate-key is done',
};

export const etcdBackupSchema = placed(
  strict({
    schedule: checked(z.string(), cronFinding).describe('Five cron fields, UTC.'),
    retention: whole({ least: 1, most: 10_000 }).default(10).describe('How many snapshots are kept.'),
    directory: checked(z.string(), pathFinding).exactOptional().describe('Directory of the worker’s machine.'),
    s3: strict({
      endpoint: checked(z.string(), webhookFinding).describe('Address of the S3 service.'),
      bucket: matching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, {
        want: 'a bucket name',
        hint: '3 to 63 of a-z, 0-9, . and -',
      }).describe('Bucket.'),
      region: z.string().min(1).max(64).default('us-east-1').describe('Region.'),
      prefix: z.string().max(200).default('').describe('Put before each object’s name.'),
      credentials_secret: vaultEntry().describe('Entry in the cluster’s Vault KV with the credentials.'),
    })
      .exactOptional()
      .describe('S3 bucket.'),
  }),
  ({ directory, s3 }) => ((directory === undefined) === (s3 === undefined) ? [{ at: [], finding: oneTarget }] : []),
);

const oneTarget: Finding = { code: 'one-of', want: 'either directory or s3', hint: 'say where the snapshots go, once' };

export const constraintsSchema = strict({
  control_plane_count: whole({ least: 1, most: 7 })
    .exactOptional()
    .describe('Number of control planes that the declaration must have.'),
  minimum_workers_rate: whole({ least: 0, most: 100 }).default(80).describe('Percent of workers that must be left.'),
  maximum_unreachable_nodes_for_reboot: whole({ least: 0, most: 5000 })
    .default(0)
    .describe('Unreachable nodes beyond which no reboot starts.'),
  maximum_repair_queue_entries: whole({ least: 0, most: 5000 }).default(0).describe('Limit of automatic repairs.'),
  wait_seconds_to_repair_rebooting: whole({ least: 0, most: DAY_SECONDS })
    .default(0)
    .describe('Patience with a rebooting machine before it counts as broken.'),
});

export const approvalsSchema = strict({
  required_for: z
    .array(
      z.enum([
        'control-plane-removal',
        'worker-removal',
        'data-loss',
        'outage',
        'version-upgrade',
        'certificate-authority-rotation',
        'reboot',
        'repair',
      ]),
    )
    .default(['data-loss'])
    .describe('What waits for a person’s yes.'),
  expire_after_hours: whole({ least: 1, most: 720 }).default(24).describe('How long an approval holds.'),
});

export const notificationsSchema = strict({
  webhooks: z
    .array(
      placed(
        strict({
          name: matching(/^[a-z0-9][a-z0-9-]{0,62}$/, { want: 'a short name', hint: 'a-z, 0-9 and hyphens' }).describe(
            'Name.',
          ),
          url: checked(z.string(), encryptedFinding).exactOptional().describe('Address that gets a POST with JSON.'),
          url_secret: vaultEntry().exactOptional().describe('Entry in the cluster’s Vault KV that holds the address.'),
          events: z
            .array(z.enum(['blocked', 'approval-needed', 'crash-loop', 'converged', 'failed', 'certificate-expiry']))
            .min(1)
            .default(['blocked', 'approval-needed', 'crash-loop', 'failed', 'certificate-expiry'])
            .describe('What it is told.'),
        }),
        ({ url, url_secret }) =>
          (url === undefined) === (url_secret === undefined) ? [{ at: [], finding: oneUrl }] : [],
      ),
    )
    .max(20)
    .default([])
    .describe('Who is told about what.'),
});

const oneUrl: Finding = {
  code: 'one-of',
  want: 'either url or url_secret',
  hint: 'an address that holds a token belongs into Vault',
};

export const updateStrategySchema = strict({
  max_concurrent_updates: whole({ least: 1, most: 1000 })
    .default(10)
    .describe('Nodes of one batch of rivers, kubelet or kube-proxy.'),
  max_concurrent_drains: whole({ least: 0, most: 1000 })
    .default(0)
    .describe(
      'Nodes that are drained at the same time before their kubelet gets another version; 0: pods stay, none is drained.',
    ),
  api_server_drain_seconds: whole({ least: 0, most: 60 })
    .default(3)
    .describe(
      'How long an API server that is being stopped goes on serving, withdrawn and not ready; 0 for the only one.',
    ),
  rolling_replace: z
    .boolean()
    .default(false)
    .describe('Accepts a change that a majority of the control planes does not outlast; it is carried out one by one.'),
});

function cronFinding(text: string): Finding | undefined {
  const fields = text.split(' ');
  const valid = fields.length === 5 && fields.every((field) => /^[0-9*,/A-Za-z-]+$/.test(field));
  return valid
    ? undefined
    : {
        code: 'invalid-schedule',
        want: 'five cron fields, such as 30 2 * * *',
        hint: 'minute, hour, day of month, month, day of week; UTC',
      };
}

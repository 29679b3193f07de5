import { z } from 'zod';
import { nodeAddressFinding } from './address-rules.ts';
import { checked, matching, strict, whole } from './field.ts';
import { hostNameFinding, labelValueFinding, qualifiedNameFinding } from './kubernetes-names.ts';
import type { Finding } from './problem.ts';

export const MAX_NODES = 5000;
const MAX_ATTRIBUTES = 256;
const MAX_ANNOTATION_BYTES = 256 * 1024;

export const machineAddress = checked(z.string(), nodeAddressFinding);
export const sshPort = whole({ least: 1, most: 65_535 });
export const sshUser = matching(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/, {
  want: 'a user name: letters, digits, _, . and -, not beginning with a dash',
  hint: 'invalid user: the login name on the node, at most 32 characters',
});
export const hostKey = checked(z.string(), hostKeyFinding);

export const taintSchema = strict({
  key: checked(z.string(), qualifiedNameFinding).describe('Taint key, `[prefix/]name`.'),
  value: checked(z.string(), labelValueFinding).default('').describe('Taint value.'),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).describe('What the taint does to pods.'),
});

export const labelsSchema = attributes(checked(z.string(), labelValueFinding)).default({});
export const taintsSchema = z.array(taintSchema).max(100).default([]);

export const nodeSchema = strict({
  address: machineAddress.describe('IP address of the node, canonical, unique in the cluster.'),
  hostname: checked(z.string(), hostNameFinding)
    .exactOptional()
    .describe('Kubernetes node name; the address when absent.'),
  user: sshUser.describe('SSH user, member of the group docker on the node.'),
  control_plane: z.boolean().default(false).describe('Whether the node runs etcd and the control plane.'),
  annotations: attributes(z.string())
    .default({})
    .describe('Annotations of the Node object; one that is taken out here is removed there.'),
  labels: labelsSchema.describe('Labels of the Node object; one that is taken out here is removed there.'),
  taints: taintsSchema.describe('Taints of the Node object.'),
  pool: z.string().exactOptional().describe('Name of the pool whose settings hold here; see `pools`.'),
  ssh: strict({
    port: sshPort.exactOptional().describe('SSH port; `ssh.port` of the cluster when absent.'),
    host_key: hostKey
      .exactOptional()
      .describe('Host key: `SHA256:…` or a public key line; pinned on first contact when absent.'),
  })
    .prefault({})
    .describe('How this node is reached.'),
});

function attributes<Value extends z.ZodType<string>>(value: Value) {
  return checked(z.record(checked(z.string(), qualifiedNameFinding), value), sizeFinding);
}

function sizeFinding(entries: Record<string, string>): Finding | undefined {
  const count = Object.keys(entries).length;
  if (count > MAX_ATTRIBUTES)
    return {
      code: 'too-many',
      got: `${count} entries`,
      want: `at most ${MAX_ATTRIBUTES}`,
      hint: 'count limit: this is more than any scheduler rule needs',
    };
  const size = Object.entries(entries).reduce((sum, [key, text]) => sum + key.length + text.length, 0);
  if (size <= MAX_ANNOTATION_BYTES) return undefined;
  return {
    code: 'too-large',
    got: `${size} characters`,
    want: `at most ${MAX_ANNOTATION_BYTES}`,
    hint: 'Kubernetes’ limit',
  };
}

function hostKeyFinding(text: string): Finding | undefined {
  const line = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) AAAA[A-Za-z0-9+/]+={0,2}( .*)?$/;
  if (/^SHA256:[A-Za-z0-9+/]{43}$/.test(text) || line.test(text)) return undefined;
  const md5 = /^(MD5:)?([0-9a-f]{2}:){15}[0-9a-f]{2}$/i.test(text);
  return {
    code: 'invalid-host-key',
    want: 'SHA256:… (43 characters after the colon) or a public key line',
    hint: md5
      ? 'MD5 fingerprints are not accepted, the SHA256 form is required: ssh-keyscan NODE | ssh-keygen -lf -'
      : 'as printed by: ssh-keyscan NODE | ssh-keygen -lf -',
  };
}

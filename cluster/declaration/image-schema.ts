import { z } from 'zod';
import { checked, placed, repeated, strict, vaultEntry } from './field.ts';
import {
  imageFinding,
  mirrorFinding,
  parseImageReference,
  registryFinding,
  versionOfImage,
} from './image-reference.ts';
import type { Finding } from './problem.ts';
import { compareVersions } from './versions.ts';

/** Lowest etcd that is trusted with data, and the first that is not known to behave as our rules expect. */
const etcdFloor = { major: 3, minor: 6, patch: 14 };
const etcdCeiling = { major: 3, minor: 7, patch: 0 };

const image = checked(z.string(), imageFinding).exactOptional();

/** The rules against downgrades and steps over a minor go by versions, which a digest does not tell. */
const versioned = checked(image, (text) =>
  text === undefined || parseImageReference(text)?.tag !== undefined ? undefined : tagMissing,
);

const tagMissing: Finding = {
  code: 'image-version',
  want: 'a tag with the version, beside the digest: name:v1.34.4@sha256:…',
  hint: 'a digest alone does not tell whether it is a downgrade',
};

/** `images`: overrides of single images, a mirror for the others. */
export const imagesSchema = strict({
  registry_mirror: checked(z.string(), mirrorFinding)
    .exactOptional()
    .describe('`host[:port][/path]` that takes the place of the registry in every image without an override.'),
  require_digests: z.boolean().default(false).describe('Whether every image must be pinned by its digest.'),
  etcd: checked(versioned, etcdFinding).describe('etcd, 3.6.14 or a later 3.6.'),
  rivers: image.describe('HAProxy, for rivers and etcd-rivers.'),
  'kube-apiserver': versioned.describe('kube-apiserver.'),
  'kube-controller-manager': versioned.describe('kube-controller-manager.'),
  'kube-scheduler': versioned.describe('kube-scheduler.'),
  'kube-proxy': versioned.describe('kube-proxy.'),
  kubelet: versioned.describe('kubelet.'),
  coredns: image.describe('CoreDNS, the DNS of the cluster.'),
  unbound: image.describe('Unbound, the DNS cache of each node; with `sh`, `unbound-control` and `unbound-checkconf`.'),
  'unbound-exporter': image.describe('Exporter for `dns_exporter`; Cybozu’s, for its flag `-web.reuse-port`.'),
  'vault-kms': image.describe('vault-kubernetes-kms, a version that logs in by certificate; for the provider `kms`.'),
});

/** `private_registries`: who asks for a login, and where in Vault it is. */
export const privateRegistriesSchema = placed(
  z
    .array(
      strict({
        host: checked(z.string(), registryFinding).describe(
          '`host[:port]` of the registry, as in the names of images; `docker.io` for Docker Hub.',
        ),
        credentials_secret: vaultEntry().describe(
          'Entry of the secret `registries` in the cluster’s Vault KV that holds `USERNAME:PASSWORD`.',
        ),
      }),
    )
    .max(50),
  (registries) => repeated(registries, 'host', twice),
);

const twice: Finding = { code: 'duplicate', want: 'each registry once', hint: 'a registry has one login' };

function etcdFinding(text: string | undefined): Finding | undefined {
  const version = versionOfImage(text);
  if (version === undefined) return undefined;
  if (compareVersions(version, etcdFloor) < 0)
    return {
      code: 'etcd-version',
      want: '3.6.14 or later',
      hint: 'security floor: older ones leak watches past authorisation and can be exhausted without it',
    };
  if (compareVersions(version, etcdCeiling) < 0) return undefined;
  return {
    code: 'etcd-version',
    want: 'a 3.6 version',
    hint: 'the rules that keep etcd’s data safe are proven with 3.6 only',
  };
}

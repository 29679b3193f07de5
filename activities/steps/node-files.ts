import { cniConfiguration } from '../../cluster/components/cni.ts';
import { componentsOf } from '../../cluster/components/component-spec.ts';
import type { IssuedCertificate } from '../../cluster/certificates/certificate.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { NodeActivities } from '../contracts.ts';
import type { Fence } from '../fence.ts';
import { readLabels } from '../labels.ts';
import type { ListedContainer } from '../node/docker.ts';
import { digestOf, filesDigest, renderFiles } from '../render-files.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import type { Places } from './places.ts';

interface FilePorts {
  places: Places;
  fence: Fence;
  vault: Vault;
  store: Pick<Store, 'records'>;
}

type FileActivities = Pick<
  NodeActivities,
  'checkNode' | 'pullImages' | 'createFileContainer' | 'installFiles' | 'installCniConfiguration'
>;

/** What is put on a node beside containers: images, the container that files go through, and file sets. */
export function nodeFileActivities({ places, fence, vault, store }: FilePorts): FileActivities {
  return {
    async checkNode(mandate) {
      const place = await places.at(mandate);
      const known = await place.docker.list();
      const strangers = known.filter(({ labels }) => readLabels(labels).cluster !== mandate.cluster);
      if (strangers.length > 0) throw unfit(mandate.node, strangers.map(sayStranger));
      if (known.length > 0) return;
      await fence.mayAct(mandate);
      const lacking = await place.preflight();
      if (lacking.length > 0) throw unfit(mandate.node, lacking);
    },

    async pullImages(mandate) {
      const { docker, declaration, node } = await places.at(mandate);
      const images = imagesOf(declaration, componentsOf(declaration, node));
      for (const image of images) {
        if (await docker.hasImage(image)) continue;
        await fence.mayAct(mandate);
        await docker.pull(image);
      }
    },

    async createFileContainer(mandate) {
      const { files } = await places.at(mandate);
      await fence.mayAct(mandate);
      await files.prepare();
    },

    async installFiles(mandate) {
      const { files, wanted, declaration } = await places.at(mandate);
      const spec = await wanted(mandate.component);
      const digest = filesDigest(spec);
      const standing = await files.readManifest(spec);
      if (standing?.digest === digest && standing.certificates.every((one) => isFresh(one, declaration))) return;
      await fence.mayAct(mandate);
      const rendered = await renderFiles({ cluster: mandate.cluster, spec, vault });
      await fence.mayAct(mandate);
      await files.installFileSet({
        component: spec.component,
        root: spec.root,
        files: rendered.files,
        manifest: { digest, certificates: rendered.certificates },
      });
    },

    async installCniConfiguration(mandate) {
      const { files, declaration } = await places.at(mandate);
      const configuration = cniConfiguration(declaration, mandate.podCidr);
      if (configuration === undefined) return;
      await fence.mayAct(mandate);
      const file = { path: configuration.path, mode: '0644' as const, bytes: Buffer.from(configuration.text) };
      const manifest = { digest: digestOf(configuration.text), certificates: [] };
      await files.installFileSet({ component: 'cni', root: '/etc/cni/net.d', files: [file], manifest });
      await store.records.putCniConfiguration(mandate.cluster, mandate.node, configuration.text, mandate);
    },
  };
}

function imagesOf({ images }: Declaration, components: ReturnType<typeof componentsOf>): string[] {
  return [...new Set(['rivers' as const, ...components.map(imageOf)].map((name) => images[name]))];
}

function imageOf(component: ReturnType<typeof componentsOf>[number]): keyof Declaration['images'] {
  return component === 'etcd-rivers' ? 'rivers' : component;
}

/** Whether a certificate has longer to live than the time in which it is to be renewed (C-03). */
function isFresh({ notAfter }: IssuedCertificate, { certificates }: Declaration): boolean {
  return Date.parse(notAfter) - Date.now() > certificates.renew_before_hours * 3_600_000;
}

function sayStranger({ name, image, labels }: ListedContainer): string {
  const { cluster } = readLabels(labels);
  return `there is a container ${name} (${image}) of ${cluster === undefined ? 'somebody else' : `cluster ${cluster}`}`;
}

function unfit(node: string, lacking: string[]): CkeError {
  return new CkeError({
    code: 'PreflightFailed',
    message: `${node} is not fit for Kubernetes yet: ${lacking.join('; ')}`,
    node,
    fix: `cure that on ${node}, then: cke-client reconcile`,
    remedy: 'never',
  });
}

import { nodeNamed } from '../../cluster/declaration/nodes.ts';
import { runsPods } from '../../cluster/resources/built-in/built-in-objects.ts';
import { endpointsIn } from '../../cluster/resources/endpoint-slice.ts';
import { objectKey, type KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import type { KubernetesActivities } from '../contracts/steps.ts';
import type { Mandate } from '../contracts/mandates.ts';
import type { OwnCredentials } from '../credentials.ts';
import type { AcceptedDeclarations } from '../declarations.ts';
import type { Fence } from '../fence.ts';
import type { Kubernetes } from '../kubernetes/kubernetes.ts';
import { serversOf } from '../kubernetes/servers-of.ts';
import type { Store } from '../store/store.ts';

interface KubernetesPorts {
  declarations: AcceptedDeclarations;
  fence: Fence;
  store: Pick<Store, 'records'>;
  kubernetes: Kubernetes;
  credentials: OwnCredentials;
}

/** Writes to the Kubernetes API: each is an apply or a read-modify-write, so that repeating it changes nothing. */
export function kubernetesActivities(ports: KubernetesPorts): KubernetesActivities {
  const { declarations, fence, store, kubernetes } = ports;
  return {
    async applyObjects({ keys, ...mandate }) {
      const { declaration } = await declarations.get(mandate.cluster, mandate.revision);
      const servers = await serversOf(ports.credentials, declaration);
      const wanted = await kubernetes.builtInObjects({ ...servers, declaration });
      const objects = wanted.filter((object) => keys.includes(objectKey(object)));
      const apply = async (object: KubernetesObject) => {
        await fence.mayAct(mandate);
        await kubernetes.apply({ ...servers, object });
      };
      await Promise.all(objects.filter((object) => !runsPods(object)).map(apply));
      await Promise.all(objects.filter(runsPods).map(apply));
    },

    async updateApiEndpoints(mandate) {
      const { declaration } = await declarations.get(mandate.cluster, mandate.revision);
      const servers = await serversOf(ports.credentials, declaration);
      await fence.mayAct(mandate);
      await kubernetes.setApiEndpoints({ ...servers, ...endpointsIn(mandate) });
    },

    async updateEtcdEndpoints(mandate) {
      const { declaration } = await declarations.get(mandate.cluster, mandate.revision);
      const servers = await serversOf(ports.credentials, declaration);
      await fence.mayAct(mandate);
      await kubernetes.setEtcdEndpoints({ ...servers, ...endpointsIn(mandate) });
    },

    async uncordonNode({ node, ...mandate }) {
      const { declaration } = await declarations.get(mandate.cluster, mandate.revision);
      const drain = (await store.records.all(mandate.cluster)).drains?.[node];
      if (drain === undefined) return;
      const servers = await serversOf(ports.credentials, declaration);
      await fence.mayAct(mandate);
      if (drain.before !== 'cordoned') await kubernetes.uncordon({ ...servers, node });
      await store.records.removeDrain(mandate.cluster, node, mandate);
    },

    async updateNodeAttributes({ node: name, ...mandate }: Mandate & { node: string }) {
      const { declaration } = await declarations.get(mandate.cluster, mandate.revision);
      const node = nodeNamed(declaration, name);
      if (node === undefined) return;
      const { addresses, credentials } = await serversOf(ports.credentials, declaration);
      const { ownedAttributes } = await store.records.all(mandate.cluster);
      const owned = ownedAttributes[name] ?? { labels: [], annotations: [], taints: [] };
      const claim = (next: typeof owned) =>
        store.records.putOwnedAttributes(mandate.cluster, name, next, { epoch: mandate.epoch });
      await fence.mayAct(mandate);
      const ours = await kubernetes.updateNodeAttributes({ declaration, node, owned, claim, addresses, credentials });
      await claim(ours);
    },
  };
}

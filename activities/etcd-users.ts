import type { EtcdUserActivities } from './contracts/access.ts';
import type { OwnCredentials } from './credentials.ts';
import type { AcceptedDeclarations } from './declarations.ts';
import type { EtcdClusters } from './etcd/clusters.ts';
import { access } from './steps/etcd-access.ts';
import type { Store } from './store/store.ts';

interface EtcdUserPorts {
  declarations: AcceptedDeclarations;
  store: Pick<Store, 'records'>;
  etcd: Pick<EtcdClusters, 'ensureUser'>;
  credentials: OwnCredentials;
}

export function etcdUserActivities(ports: EtcdUserPorts): EtcdUserActivities {
  return {
    async ensureEtcdUser({ cluster, ...wanted }) {
      const { declaration } = await ports.declarations.get(cluster, 'latest');
      await ports.etcd.ensureUser({ ...(await access(ports, declaration)), wanted });
    },
  };
}

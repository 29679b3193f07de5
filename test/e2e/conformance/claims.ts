import { expect } from 'vitest';
import { workerNames } from '../declaration.ts';
import type { Check } from './check.ts';
import { pod, running, sleeping } from './pods.ts';

const [node = ''] = workerNames;
const one = { requests: { storage: '1Mi' } };

export const claims: Check[] = [
  {
    what: 'a PersistentVolumeClaim binds to a volume that fits, is not deleted under a pod, and leaves what it held',
    run: async (place) => {
      const name = place.named('volume');
      const hostPath = { path: `/tmp/${place.namespace}`, type: 'DirectoryOrCreate' };
      const shared = { accessModes: ['ReadWriteOnce'], storageClassName: '', volumeMode: 'Filesystem' };
      await place.create('PersistentVolume', name, {
        spec: { ...shared, capacity: { storage: '2Mi' }, hostPath, persistentVolumeReclaimPolicy: 'Retain' },
      });
      await place.create('PersistentVolumeClaim', 'claim', { spec: { ...shared, volumeName: name, resources: one } });
      await place.untilIs('PersistentVolumeClaim', 'claim', 'Bound', ({ status }) => status?.phase === 'Bound');
      const volumes = [{ name: 'disk', persistentVolumeClaim: { claimName: 'claim' } }];
      const mounted = sleeping({ volumeMounts: [{ name: 'disk', mountPath: '/disk' }] });
      await running(place, 'user', pod([mounted], { volumes }));
      await place.remove('PersistentVolumeClaim', 'claim');
      const { metadata } = await place.read('PersistentVolumeClaim', 'claim');
      expect(metadata?.finalizers).toContain('kubernetes.io/pvc-protection');
      await place.remove('Pod', 'user');
      await place.untilIs('PersistentVolume', name, 'Released', ({ status }) => status?.phase === 'Released');
    },
  },
  {
    what: 'a local volume waits for its first pod, and takes it to its node',
    run: async (place) => {
      const storageClassName = place.named('local');
      const provisioner = 'kubernetes.io/no-provisioner';
      await place.create('StorageClass', storageClassName, { provisioner, volumeBindingMode: 'WaitForFirstConsumer' });
      const accessModes = ['ReadWriteOnce'];
      const terms = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }];
      await place.create('PersistentVolume', place.named('local'), {
        spec: {
          storageClassName,
          accessModes,
          capacity: { storage: '2Mi' },
          local: { path: '/tmp' },
          nodeAffinity: { required: { nodeSelectorTerms: terms } },
        },
      });
      await place.create('PersistentVolumeClaim', 'claim', { spec: { storageClassName, accessModes, resources: one } });
      expect((await place.read('PersistentVolumeClaim', 'claim')).status?.phase).toBe('Pending');
      const volumes = [{ name: 'disk', persistentVolumeClaim: { claimName: 'claim' } }];
      const mounted = sleeping({ volumeMounts: [{ name: 'disk', mountPath: '/disk' }] });
      const made = await running(place, 'user', pod([mounted], { volumes }));
      expect(made.spec?.nodeName).toBe(node);
    },
  },
];

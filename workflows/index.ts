/** Every exported function is a workflow type. */
export { clusterWorkflow } from './cluster.workflow.ts';
export { reconcile } from './reconcile.workflow.ts';
export { batch } from './batch.workflow.ts';
export { destroyCluster } from './destroy-cluster.workflow.ts';
export { notify } from './notify.workflow.ts';
export { pullImages } from './pull-images.workflow.ts';
export { changeSecretsKey } from './secrets-key.workflow.ts';
export { replaceNode } from './replace-node.workflow.ts';
export { backUpEtcd } from './back-up-etcd.workflow.ts';
export { vaultUpkeep } from './vault-upkeep.workflow.ts';
export { restoreEtcdWorkflow } from './restore-etcd.workflow.ts';
export { etcdUserWorkflow } from './etcd-user.workflow.ts';
export { sshKeyWorkflow } from './ssh-key.workflow.ts';
export { rotateAuthority } from './rotate-authority.workflow.ts';
export { rotateCertificates } from './rotate-certificates.workflow.ts';
export { watch } from './watch.workflow.ts';
export { certificatesWorkflow, checkFilesWorkflow, planWorkflow, observeWorkflow } from './view.workflow.ts';

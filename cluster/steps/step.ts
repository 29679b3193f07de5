import type {
  PrepareNodes,
  RunComponent,
  RenewCertificates,
  StartComponent,
  StopComponent,
} from './component-steps.ts';
import type {
  BootstrapEtcd,
  EnableEtcdAuthentication,
  RestartEtcdMember,
  AddEtcdMember,
  SettleEtcdMember,
  PromoteEtcdMember,
  RemoveEtcdMember,
  RetireEtcdMember,
} from './etcd-steps.ts';
import type {
  DrainNode,
  UncordonNode,
  RemoveNode,
  DeleteNodeObject,
  UpdateNodeAttributes,
  InstallCniConfiguration,
} from './node-steps.ts';
import type {
  ApplyObjects,
  ApplyResources,
  DeleteResources,
  UpdateApiEndpoints,
  UpdateEtcdEndpoints,
} from './object-steps.ts';

/**
 * What is to be done next. The steps of one plan are independent of each other and run at the same time; order is
 * expressed by rounds. Each kind has its sequence in workflows/steps/.
 */
export type Step =
  | PrepareNodes
  | RunComponent
  | RenewCertificates
  | StartComponent
  | StopComponent
  | BootstrapEtcd
  | EnableEtcdAuthentication
  | RestartEtcdMember
  | AddEtcdMember
  | SettleEtcdMember
  | PromoteEtcdMember
  | RemoveEtcdMember
  | RetireEtcdMember
  | DrainNode
  | UncordonNode
  | RemoveNode
  | DeleteNodeObject
  | ApplyObjects
  | ApplyResources
  | DeleteResources
  | UpdateApiEndpoints
  | UpdateEtcdEndpoints
  | UpdateNodeAttributes
  | InstallCniConfiguration;

import type { EtcdUserActivities, SshKeyActivities } from './access.ts';
import type {
  OperationActivities,
  ApprovalActivities,
  NotifyActivities,
  ViewActivities,
  VaultUpkeepActivities,
  BackupActivities,
  RestoreActivities,
  ImageActivities,
  WatchActivities,
} from './operations.ts';
import type {
  DestructionActivities,
  CampaignActivities,
  RotationActivities,
  EncryptionActivities,
} from './campaigns.ts';
import type { StepActivities } from './steps.ts';

export type Activities = OperationActivities &
  ApprovalActivities &
  NotifyActivities &
  StepActivities &
  DestructionActivities &
  CampaignActivities &
  RotationActivities &
  EncryptionActivities &
  ViewActivities &
  VaultUpkeepActivities &
  BackupActivities &
  RestoreActivities &
  SshKeyActivities &
  EtcdUserActivities &
  ImageActivities &
  WatchActivities;

import * as wf from '@temporalio/workflow';
import { clusterWorkflowId, wake } from './contracts.ts';

/** Tells the entity that something is wanted now. One that does not run finds it when it is started. */
export async function wakeEntity(cluster: string, because: string): Promise<void> {
  try {
    await wf.getExternalWorkflowHandle(clusterWorkflowId(cluster)).signal(wake, { because });
  } catch (error) {
    if (wf.CancellationScope.current().consideredCancelled) throw error;
  }
}

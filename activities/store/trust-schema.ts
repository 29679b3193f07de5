import { z } from 'zod';
import { rotatables, rotationStages, type ClusterTrust } from '../../cluster/certificates/trust.ts';

const rotation = z.object({
  stage: z.enum(rotationStages),
  from: z.string().min(1),
  to: z.string().min(1),
  by: z.string(),
  startedAt: z.iso.datetime(),
  since: z.iso.datetime(),
  direction: z.enum(['forward', 'back']),
  without: z.array(z.string()),
  pods: z.enum(['ask', 'restart', 'leave']),
  insteadOf: z.string().exactOptional(),
});

const settled = z.object({
  stage: z.literal('settled'),
  issuer: z.string().min(1),
  insteadOf: z.string().exactOptional(),
});

/** What stands beside the text of a revision, checked when it is read. */
export const trustSchema: z.ZodType<ClusterTrust> = z.partialRecord(z.enum(rotatables), z.union([settled, rotation]));

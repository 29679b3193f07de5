import { z } from 'zod';
import { certificateKinds } from '../cluster/certificates/certificate.ts';

const kind = z.enum(certificateKinds);

/** Public facts about a certificate, as they stand in records and in manifests. */
export const issuedCertificateSchema = z.object({
  kind,
  serial: z.string(),
  notBefore: z.string(),
  notAfter: z.string(),
  generation: z.number().exactOptional(),
});

export const rotationSchema = z.object({
  generation: z.int().min(2),
  kind: kind.exactOptional(),
  node: z.string().exactOptional(),
  by: z.string(),
  at: z.string(),
  id: z.string(),
});

import type { IssuedCertificate } from './certificate.ts';

const hour = 3_600_000;

/**
 * Why certificates must be issued anew: the first one that reaches its renewal time, as a sentence; undefined when all are fresh.
 * `at` is RFC 3339. Rule C-03.
 */
export function expiring(certificates: IssuedCertificate[], at: string, renewBeforeHours: number): string | undefined {
  const due = certificates.filter(({ notAfter }) => Date.parse(notAfter) - Date.parse(at) <= renewBeforeHours * hour);
  const [first] = due.toSorted((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter));
  return first && `its ${first.kind} certificate expires at ${first.notAfter}`;
}

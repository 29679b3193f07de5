import { env } from 'node:process';
import type { LogLevel } from '@temporalio/worker';
import { CkeError } from '../cluster/errors.ts';

const levels = ['ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE'] as const satisfies readonly LogLevel[];

type Level = (typeof levels)[number];

/**
 * How much the worker says: `CKE_LOG_LEVEL`, of any case, or `WARN`. At no level is a secret in it (`test/long/canaries.test.ts`).
 * @throws CkeError SettingsInvalid for another word
 */
export function logLevel(text: string = env['CKE_LOG_LEVEL'] ?? 'WARN'): Level {
  const found = levels.find((level) => level === text.toUpperCase());
  if (found !== undefined) return found;
  throw new CkeError({
    code: 'SettingsInvalid',
    message: 'CKE_LOG_LEVEL is no level of a log',
    got: JSON.stringify(text.slice(0, 40)),
    want: levels.join(', ').toLowerCase(),
    fix: 'set it to one of these, or leave it out: warn',
    remedy: 'never',
  });
}

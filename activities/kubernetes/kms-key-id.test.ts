import { expect, test } from 'vitest';
import { newestHash } from './kms-key-id.ts';

const line = (hash: string, time: string, provider = 'vault'): string =>
  `apiserver_envelope_encryption_key_id_hash_status_last_timestamp_seconds{apiserver_id_hash="sha256:aa",key_id_hash="sha256:${hash}",provider_name="${provider}"} ${time}`;

test.each<[what: string, lines: string[], expected: string]>([
  ['nothing yet', [], ''],
  ['one answer', [line('01', '1.7e+09')], 'sha256:01'],
  ['a later one', [line('01', '1.7642511e+09'), line('02', '1.7642512e+09')], 'sha256:02'],
  ['a later one that is listed first', [line('02', '1.7642512e+09'), line('01', '1.7642511e+09')], 'sha256:02'],
  ['another plugin', [line('01', '1'), line('02', '2', 'other')], 'sha256:01'],
  ['something else', ['# HELP', 'x 1', 'y{z="1"} 2'], ''],
])('what the plugin has said last, of metrics with %s', (_, lines, expected) => {
  expect(newestHash(lines)).toBe(expected);
});

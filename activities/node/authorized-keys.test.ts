import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { authorizedKeysCommand } from './authorized-keys.ts';

const [mine, other] = ['ssh-ed25519 AAAAmine cke-prod', 'ssh-ed25519 AAAAother bob@desk'];

let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'cke-home-'))));
afterEach(() => rmSync(home, { recursive: true }));

/** As sshd would have the user's shell run it. */
function change(verb: 'add' | 'remove', line: string, file = '.ssh/authorized_keys'): string {
  const command = authorizedKeysCommand(verb, { file, line });
  return execFileSync('sh', ['-c', `${command}; true`], { env: { ...process.env, HOME: home } })
    .toString()
    .trim();
}

const file = () => join(home, '.ssh', 'authorized_keys');

describe('what happens to authorized_keys', () => {
  test('there is none: it is made, for the user alone', () => {
    expect(change('add', mine)).toBe('done');
    expect(readFileSync(file(), 'utf8')).toBe(`${mine}\n`);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  test('a last line without an end stays a line; a key that is there is not added again', () => {
    change('add', other);
    writeFileSync(file(), other);
    change('add', mine);
    expect(change('add', 'ssh-ed25519 AAAAmine another comment')).toBe('done');
    expect(readFileSync(file(), 'utf8')).toBe(`${other}\n${mine}\n`);
  });

  test('only our key goes; mode stays; once more is nothing', () => {
    change('add', other);
    change('add', mine);
    chmodSync(file(), 0o640);
    expect(change('remove', mine)).toBe('done');
    expect(change('remove', mine)).toBe('done');
    expect(readFileSync(file(), 'utf8')).toBe(`${other}\n`);
    expect(statSync(file()).mode & 0o777).toBe(0o640);
  });

  test('the last key stays: nobody locks us out', () => {
    change('add', mine);
    expect(change('remove', mine)).toBe('no other key would be left');
    expect(readFileSync(file(), 'utf8')).toBe(`${mine}\n`);
  });

  test.each(["a'b", '/etc/$(reboot)', '/x;y'])('%s is no path', (path) => {
    expect(() => authorizedKeysCommand('add', { file: path, line: mine })).toThrow(TypeError);
  });
});

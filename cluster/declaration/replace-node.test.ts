import { describe, expect, test } from 'vitest';
import { replaceNodeText } from './replace-node.ts';

const text = `# our cluster
name: demo
nodes:
  - address: 10.0.0.1 # rack 4
    hostname: cp-1
    user: cke
    control_plane: true
    labels: { rack: "4" }
    ssh:
      port: 2222
      host_key: SHA256:abc
  - { address: 10.0.0.2, user: cke }
service_subnet: 10.96.0.0/16
`;

describe('one machine in the place of another', () => {
  test('role, labels and the rest of the text stay; a declared host key goes', () => {
    const after = replaceNodeText({ text, old: 'cp-1', address: '10.0.0.9', hostname: 'cp-9' });
    expect(after).toContain('address: 10.0.0.9');
    expect(after).toContain('hostname: cp-9');
    expect(after).toContain('control_plane: true');
    expect(after).toContain('rack: "4"');
    expect(after).toContain('# our cluster');
    expect(after).toContain('port: 2222');
    expect(after).not.toContain('host_key');
    expect(after).not.toContain('cp-1');
    expect(after).toContain('{ address: 10.0.0.2, user: cke }');
  });

  test('a node without a hostname is named by its address', () => {
    expect(replaceNodeText({ text, old: '10.0.0.2', address: '10.0.0.8' })).toContain(
      '{ address: 10.0.0.8, user: cke }',
    );
  });

  test.each([
    ['a node that is not declared', { old: 'cp-7', address: '10.0.0.9' }, /cp-7 is not in the declaration/],
    [
      'a machine that is part of it already',
      { old: 'cp-1', address: '10.0.0.2' },
      /10\.0\.0\.2 is in the declaration already/,
    ],
  ])('%s is refused', (_question, change, says) => {
    expect(() => replaceNodeText({ text, ...change })).toThrow(says);
  });
});

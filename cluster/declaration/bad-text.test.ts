import { describe } from 'vitest';
import { bad, judge } from './testing/bad-input.ts';
import { document, nodes, worker } from './testing/minimal.ts';

const deep = (depth: number) => `a: ${'['.repeat(depth)}${']'.repeat(depth)}`;
const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x, x]',
  ...['b', 'c', 'd', 'e', 'f', 'g'].map((name, index) => {
    const previous = 'abcdef'[index];
    return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${previous}`).join(', ')}]`;
  }),
].join('\n');

/** Nine nodes that share an annotation of 200 kB: small as text, too large as data. */
const sharedAnnotation = nodes(
  `address: 10.0.0.1, user: cke, control_plane: true, annotations: &shared {note: "${'lorem ipsum '.repeat(17_000)}"}`,
  ...Array.from({ length: 8 }, (_, index) => `address: 10.0.1.${index + 1}, user: cke, annotations: *shared`),
);

// One line per bad input, with its number in the list of bad inputs.
// prettier-ignore
const cases = [
  bad('1', 'empty document', { source: '', code: 'empty', says: /declaration is empty/ }),
  bad('1', 'nothing but comments', { source: '# later\n---\n', code: 'empty' }),
  bad('2', 'invalid UTF-8', { source: new Uint8Array([0x6e, 0x3a, 0x20, 0xff, 0x41]), code: 'not-utf-8', says: /byte 3/, }),
  bad('2', 'a binary', { source: new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0xe2, 0x82]), code: 'not-utf-8', says: /byte 4/, }),
  bad('3', 'two YAML documents', { source: `${document()}---\n${document()}`, code: 'several-documents', says: /exactly one/, }),
  bad('4', 'duplicate key nodes', { source: `${document()}nodes: []\n`, code: 'duplicate-key', path: '/nodes', says: /line 2 and again at line 6/, }),
  bad('5', 'alias bomb', { source: bomb, code: 'alias-expansion', says: /alias expansion limit/ }),
  bad('5', 'an alias that contains itself', { source: 'a: &a [*a]', code: 'alias-expansion' }),
  bad('6', 'a file of 50 MB', { source: new Uint8Array(50 * 1024 * 1024).fill(0x61), code: 'too-large', says: /1 MiB/ }),
  bad('7', 'depth 10 000', { source: deep(10_000), code: 'too-deep', says: /nesting limit/ }),
  bad('7', 'depth 21', { source: deep(21), code: 'too-deep' }),
  bad('8', '__proto__ as key', { source: `${document()}__proto__: {polluted: true}\n`, code: 'forbidden-key', path: '/__proto__', }),
  bad('8', 'constructor as key', { source: document(worker('address: 10.0.0.2, user: a, labels: {constructor: x}')), code: 'forbidden-key', }),
  bad('9', 'a YAML tag', { source: `${document()}dns_servers: !!js/function "x"\n`, code: 'yaml-tag', path: '/dns_servers', }),
  bad('79', 'larger than a record once aliases are expanded', { source: document(sharedAnnotation), code: 'too-large', says: /size limit before send/, }),
];

describe('the text itself is bad', () => {
  judge(cases);
});

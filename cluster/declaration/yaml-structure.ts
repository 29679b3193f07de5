import { isAlias, isCollection, isMap, isPair, isScalar, visit } from 'yaml';
import type { Document, LineCounter, Node, Pair, YAMLMap } from 'yaml';
import { pointer, printable } from './problem.ts';
import type { PathStep, Problem } from './problem.ts';

export const MAX_DEPTH = 20;
const MAX_EXPANSION = 10;
/** Below this many nodes no expansion is worth a refusal. */
const HARMLESS_NODES = 1000;
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** What is ambiguous or hostile in the tree of a document, before it becomes plain values. */
export function structureProblems(document: Document.Parsed, lines: LineCounter): Problem[] {
  const problems: Problem[] = [];
  let deep = false;
  visit(document, {
    Node(_key, node, ancestors) {
      const depth = ancestors.filter(isCollection).length;
      if (depth < MAX_DEPTH) return undefined;
      if (!deep) problems.push({ ...tooDeep, line: lineOf(lines, node) });
      deep = true;
      return visit.BREAK;
    },
  });
  if (deep) return problems;
  visit(document, {
    Node(key, node, ancestors) {
      const where = (): Place => ({ path: pathOf([...ancestors, node]), line: lineOf(lines, node) });
      if ('tag' in node && typeof node.tag === 'string') problems.push(tagged(where()));
      if (isAlias(node) && node.resolve(document) === undefined) problems.push(unknownAlias(where()));
      if (isMap(node)) problems.push(...keyProblems(node, { path: () => where().path, lines }));
      if (isScalar(node) && key === 'value' && ambiguousNumber(node.source, node.type))
        problems.push(leadingZero(where(), node.source ?? ''));
    },
  });
  return [...problems, ...expansionProblems(document)];
}

interface Place {
  path: PathStep[];
  line: number;
}

/** YAML 1.1 read 0600 as octal, YAML 1.2 reads it as 600: neither is meant for sure. */
function ambiguousNumber(source: string | undefined, type: string | undefined): boolean {
  return type === 'PLAIN' && source !== undefined && /^[-+]?0[0-9]+$/.test(source);
}

function keyProblems(map: YAMLMap, { path, lines }: { path: () => PathStep[]; lines: LineCounter }): Problem[] {
  const seen = new Map<string, number>();
  return map.items.flatMap((pair) => {
    const name = keyName(pair);
    const line = isNode(pair.key) ? lineOf(lines, pair.key) : 1;
    if (name === undefined) return [complexKey({ path: path(), line })];
    if (forbiddenKeys.has(name)) return [forbiddenKey({ path: [...path(), name], line })];
    const first = seen.get(name);
    if (first !== undefined) return [duplicateKey({ path: [...path(), name], line }, first)];
    seen.set(name, line);
    return [];
  });
}

/** How often aliases multiply the document. Rule D-14. */
function expansionProblems(document: Document.Parsed): Problem[] {
  const sizes = new Map<Node, number>();
  const open = new Set<Node>();
  let literal = 0;
  const measure = (node: unknown): number => {
    if (isPair(node)) return measure(node.key) + measure(node.value);
    if (!isNode(node)) return 0;
    const known = sizes.get(node);
    if (known !== undefined) return known;
    if (open.has(node)) return Infinity;
    literal++;
    open.add(node);
    const size = isAlias(node)
      ? measure(node.resolve(document))
      : 1 + (isCollection(node) ? node.items.reduce<number>((sum, item) => sum + measure(item), 0) : 0);
    open.delete(node);
    sizes.set(node, size);
    return size;
  };
  const expanded = measure(document.contents);
  return expanded > HARMLESS_NODES && expanded > MAX_EXPANSION * literal ? [aliasBomb(literal, expanded)] : [];
}

function pathOf(nodes: readonly unknown[]): PathStep[] {
  const steps: PathStep[] = [];
  nodes.forEach((node, index) => {
    const child = nodes[index + 1];
    if (isPair(node)) steps.push(keyName(node) ?? '?');
    else if (isCollection(node) && !isMap(node) && child !== undefined) steps.push(node.items.indexOf(child));
  });
  return steps;
}

function keyName(pair: Pair): string | undefined {
  const { key } = pair;
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'symbol' ? (key.source ?? '<<') : String(key.value);
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isCollection(value) || isAlias(value);
}

function lineOf(lines: LineCounter, node: { range?: readonly number[] | null | undefined }): number {
  return lines.linePos(node.range?.[0] ?? 0).line;
}

export const tooDeep: Problem = {
  code: 'too-deep',
  path: '',
  got: `more than ${MAX_DEPTH} levels`,
  want: `at most ${MAX_DEPTH} levels of nesting`,
  hint: 'nesting limit: nothing in a declaration is nested that deeply, look for unclosed brackets',
};

const tagged = ({ path, line }: Place): Problem => ({
  code: 'yaml-tag',
  path: pointer(path),
  got: `a YAML tag at line ${line}`,
  want: 'plain YAML without tags',
  hint: 'tags are not allowed: remove the word that starts with !',
  line,
});

const unknownAlias = ({ path, line }: Place): Problem => ({
  code: 'unknown-alias',
  path: pointer(path),
  got: `an alias without an anchor at line ${line}`,
  want: 'an alias of an anchor that stands before it',
  hint: 'a text that begins with * needs quotes',
  line,
});

const leadingZero = ({ path, line }: Place, source: string): Problem => ({
  code: 'ambiguous-number',
  path: pointer(path),
  got: printable(source, 80),
  want: 'a number without a leading zero, or a quoted text',
  hint: 'a leading zero means octal to some readers of YAML and decimal to others',
  line,
});

const complexKey = ({ path, line }: Place): Problem => ({
  code: 'key-not-text',
  path: pointer(path),
  got: `a key that is no text at line ${line}`,
  want: 'text as key',
  hint: 'a mapping, a list or an alias cannot be a field name',
  line,
});

const forbiddenKey = ({ path, line }: Place): Problem => ({
  code: 'forbidden-key',
  path: pointer(path),
  got: String(path.at(-1)),
  want: 'the name of a field',
  hint: 'forbidden key: this name has a meaning of its own in programs',
  line,
});

const duplicateKey = ({ path, line }: Place, first: number): Problem => ({
  code: 'duplicate-key',
  path: pointer(path),
  got: `a key at line ${first} and again at line ${line}`,
  want: 'each key once',
  hint: 'join the two entries, or remove one of them',
  line,
});

const aliasBomb = (literal: number, expanded: number): Problem => ({
  code: 'alias-expansion',
  path: '',
  got: Number.isFinite(expanded) ? `${literal} nodes that expand to ${expanded}` : 'an alias that contains itself',
  want: `aliases that expand the document at most ${MAX_EXPANSION} times`,
  hint: 'alias expansion limit: write the repeated parts out',
});

import { isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { Document } from 'yaml';
import type { PathStep, Problem } from './problem.ts';
import { structureProblems, tooDeep } from './yaml-structure.ts';

/** Largest document: etcd refuses requests above 1.5 MiB, Temporal payloads above 2 MB. Rule D-14. */
export const MAX_DOCUMENT_BYTES = 1024 * 1024;

export type YamlReading =
  | {
      outcome: 'read';
      value: Record<string, unknown>;
      text: string;
      lineOf: (steps: readonly PathStep[]) => number | undefined;
    }
  | { outcome: 'refused'; problems: Problem[] };

/**
 * Reads one YAML 1.2 document (JSON included) into plain values, and refuses what could mean two things: duplicate keys, tags,
 * several documents, alias bombs, deep nesting, leading zeros. Rules D-14, D-15.
 */
export function readYaml(source: string | Uint8Array): YamlReading {
  const decoded = decode(source);
  if (typeof decoded !== 'string') return refused(decoded);
  if (decoded.trim() === '') return refused(empty);
  const lines = new LineCounter();
  const documents = composed(decoded, lines);
  if (documents === 'too deep') return refused(tooDeep);
  const [document, second] = documents;
  if (document === undefined) return refused(empty);
  if (second !== undefined) return refused(severalDocuments(lines.linePos(second.range[0]).line));
  const problems = [...syntaxProblems(document, lines), ...structureProblems(document, lines)];
  return problems.length > 0 ? { outcome: 'refused', problems } : plainValue(document, { text: decoded, lines });
}

/** The documents of a text. The composer recurses, so that hostile nesting ends in a RangeError. */
function composed(text: string, lineCounter: LineCounter): Document.Parsed[] | 'too deep' {
  const options = { uniqueKeys: false, merge: true, prettyErrors: false, logLevel: 'silent', lineCounter } as const;
  try {
    return [...parseAllDocuments(text, options)];
  } catch (error) {
    if (error instanceof RangeError) return 'too deep';
    throw error;
  }
}

function plainValue(document: Document.Parsed, { text, lines }: { text: string; lines: LineCounter }): YamlReading {
  const value: unknown = document.toJS({ maxAliasCount: -1 });
  if (value === null) return refused(empty);
  if (typeof value !== 'object' || Array.isArray(value)) return refused(notAMapping(value));
  const lineOf = (steps: readonly PathStep[]) => lineAt(document, lines, steps);
  return { outcome: 'read', value: { ...value }, text, lineOf };
}

/** The line of the key (or list entry) at these steps, or of the nearest thing around it that the file has. */
function lineAt(document: Document.Parsed, lines: LineCounter, steps: readonly PathStep[]): number | undefined {
  for (let length = steps.length; length > 0; length--) {
    const around: unknown = length === 1 ? document.contents : document.getIn(steps.slice(0, length - 1), true);
    const step = steps[length - 1];
    const found = isMap(around)
      ? around.items.map(({ key }) => key).find((key) => isScalar(key) && String(key.value) === String(step))
      : isSeq(around) && around.items[Number(step)];
    if (isNode(found) && found.range) return lines.linePos(found.range[0]).line;
  }
  return undefined;
}

function decode(source: string | Uint8Array): string | Problem {
  const size = typeof source === 'string' ? new TextEncoder().encode(source).length : source.length;
  if (size > MAX_DOCUMENT_BYTES) return tooLarge(size);
  if (typeof source === 'string') return source;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(source);
  } catch {
    return notUtf8(firstBadByte(source));
  }
}

/** Offset of the first byte that does not belong to a complete UTF-8 sequence. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  const isContinuation = (offset: number) => ((bytes[offset] ?? 0) & 0xc0) === 0x80;
  while (good > 0 && isContinuation(good)) good--;
  return good;
}

function syntaxProblems(document: Document.Parsed, lines: LineCounter): Problem[] {
  return document.errors.slice(0, 20).map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return {
      code: 'yaml-syntax',
      path: '',
      got: `${error.code.toLowerCase().replaceAll('_', ' ')} at line ${line}, column ${col}`,
      want: 'a valid YAML 1.2 document',
      hint: syntaxHint(error.code),
      line,
    };
  });
}

function syntaxHint(code: string): string {
  if (code === 'TAB_AS_INDENT') return 'indent with spaces, not with tabs';
  if (code === 'BAD_INDENT') return 'indent the entries of one mapping or list by the same number of spaces';
  if (code === 'MISSING_CHAR') return 'close the quote or the bracket, or put a space after the colon';
  return 'look at this line and the one before it: indentation, colons, quotes';
}

const refused = (problem: Problem): YamlReading => ({ outcome: 'refused', problems: [problem] });

const empty: Problem = {
  code: 'empty',
  path: '',
  got: 'an empty document',
  want: 'a mapping with name, nodes and service_subnet',
  hint: 'the declaration is empty: start from examples/production.yaml',
};

const severalDocuments = (line: number): Problem => ({
  code: 'several-documents',
  path: '',
  got: `a second document at line ${line}`,
  want: 'exactly one document',
  hint: 'one file declares one cluster: keep the other documents in files of their own',
  line,
});

const notAMapping = (value: unknown): Problem => ({
  code: 'not-a-mapping',
  path: '',
  got: Array.isArray(value) ? 'a list' : `a ${typeof value}`,
  want: 'a mapping with name, nodes and service_subnet',
  hint: 'is this the right file?',
});

const tooLarge = (size: number): Problem => ({
  code: 'too-large',
  path: '',
  got: `${size} bytes`,
  want: `at most ${MAX_DOCUMENT_BYTES} bytes (1 MiB)`,
  hint: 'is this the right file? 5000 nodes fit into 1 MiB',
});

const notUtf8 = (offset: number): Problem => ({
  code: 'not-utf-8',
  path: '',
  got: `a byte that is not UTF-8 at byte ${offset}`,
  want: 'UTF-8 text',
  hint: 'save the file as UTF-8 without other encodings in it',
});

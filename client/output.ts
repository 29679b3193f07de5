import Table from 'cli-table3';
import { stdout } from 'node:process';
import { stripVTControlCharacters } from 'node:util';
import { stringify } from 'yaml';

export type OutputFormat = 'table' | 'json' | 'yaml';

export const outputFormats: readonly OutputFormat[] = ['table', 'json', 'yaml'];

export interface Rows {
  columns: string[];
  rows: string[][];
}

/**
 * Prints data as it is (json, yaml) or as text for people (table): both say the same.
 * `asText` is only called for the table.
 */
export function print<T>({
  data,
  format,
  asText,
}: {
  data: T;
  format: OutputFormat;
  asText: (data: T) => string;
}): void {
  stdout.write(rendered({ data, format, asText }));
}

export function rendered<T>({
  data,
  format,
  asText,
}: {
  data: T;
  format: OutputFormat;
  asText: (data: T) => string;
}): string {
  if (format === 'json') return `${JSON.stringify(data, null, 2)}\n`;
  if (format === 'yaml') return stringify(data, { lineWidth: 0 });
  return `${asText(data).trimEnd()}\n`;
}

const NO_BORDERS = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'])
    .map((name) => [name, '']),
);

/** Columns as kubectl prints them: capitals above, no lines. The last column is wrapped to the width of the terminal. */
export function table({ columns, rows }: Rows, width: number = stdout.columns ?? 0): string {
  const last = lastColumnWidth({ columns, rows }, width);
  const drawn = new Table({
    chars: { ...NO_BORDERS, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    head: columns.map((column) => column.toUpperCase()),
    ...(last === undefined ? {} : { colWidths: [...columns.slice(1).map(() => null), last], wordWrap: true }),
  });
  drawn.push(...rows);
  return trimmedLines(drawn.toString());
}

/** Undefined where everything fits, or where too little would be left to wrap into. */
function lastColumnWidth({ columns, rows }: Rows, width: number): number | undefined {
  const widest = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => visibleLength(row[index] ?? ''))),
  );
  const others = widest.slice(0, -1).reduce((sum, column) => sum + column + 2, 0);
  const room = width - others - 1;
  return room >= 24 && room < (widest.at(-1) ?? 0) ? room : undefined;
}

function visibleLength(text: string): number {
  const lines = stripVTControlCharacters(text).split('\n');
  return Math.max(...lines.map((line) => line.length));
}

function trimmedLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** `3.4 s`, `2 min 5 s`, `3 h 12 min`, `4 d 2 h`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return pair(whole, { unit: 60, names: ['min', 's'] });
  if (whole < 86_400) return pair(Math.round(whole / 60), { unit: 60, names: ['h', 'min'] });
  return pair(Math.round(whole / 3600), { unit: 24, names: ['d', 'h'] });
}

function pair(amount: number, { unit, names }: { unit: number; names: [string, string] }): string {
  const [large, small] = [Math.floor(amount / unit), amount % unit];
  return small === 0 ? `${large} ${names[0]}` : `${large} ${names[0]} ${small} ${names[1]}`;
}

/** `1 step`, `3 steps`. */
export function count(amount: number, singular: string): string {
  return `${amount} ${singular}${amount === 1 ? '' : 's'}`;
}

/** `3 min ago`, from an RFC 3339 time. */
export function ago(time: string, now: number): string {
  const elapsed = now - Date.parse(time);
  return elapsed < 1000 ? 'just now' : `${duration(elapsed).replace(/\.\d s$/u, ' s')} ago`;
}

import type { RotationProgress } from '../workflows/contracts.ts';

const shown = 3;

/** How far a rotation is, on one line: its stage, and what it waits for. */
export function rotationLine(of: string, { stage, from, to, direction, missing, more }: RotationProgress): string {
  const way = from === undefined ? '' : ` (${from} → ${to}${direction === 'back' ? ', rolling back' : ''})`;
  const rest = Math.max(0, missing.length - shown) + more;
  const open = [...missing.slice(0, shown), ...(rest > 0 ? [`${rest} more`] : [])].join('; ');
  return `${of}${way}: ${stage}${open === '' ? '' : `, waits for: ${open}`}`;
}

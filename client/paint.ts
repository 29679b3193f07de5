import { env, stdout } from 'node:process';
import colors from 'picocolors';

export type Paint = ReturnType<typeof colors.createColors>;

/** Colours for a terminal only, and not where NO_COLOR is set. */
export function paintFor(stream: { isTTY?: boolean | undefined } = stdout): Paint {
  return colors.createColors(stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb');
}

/** Paint that leaves text as it is. */
export const plain: Paint = colors.createColors(false);

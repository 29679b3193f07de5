import type { CkeError } from '../../cluster/errors.ts';
import { dockerDenied, dockerFailed, dockerMissing, forwardingOff } from './node-errors.ts';
import type { NodeTarget } from './target.ts';

export const dockerSocketPath = '/var/run/docker.sock';

/**
 * A refused channel looks the same whether Docker is missing, the user may not use it, or sshd forwards nothing: this one
 * command, a constant that any login shell understands, tells them apart. It prints one of missing, idle, denied, usable.
 */
export const diagnosticCommand = `sh -c 'if [ ! -S ${dockerSocketPath} ]; then echo missing; elif [ ! -r ${dockerSocketPath} ] || [ ! -w ${dockerSocketPath} ]; then echo denied; elif ! grep -q " 00010000 .*/run/docker.sock" /proc/net/unix; then echo idle; else echo usable; fi; id -nG'`;

/** What the diagnostic command's output says about a refused channel. `refusal` is ssh2's own text, quoted when nothing fits. */
export function diagnose(target: NodeTarget, output: string, refusal: string): CkeError {
  const [verdict = '', groups = ''] = output.trim().split('\n');
  switch (verdict.trim()) {
    case 'missing':
      return dockerMissing(target, `${dockerSocketPath} does not exist`);
    case 'idle':
      return dockerMissing(target, `${dockerSocketPath} exists, but nothing listens on it`);
    case 'denied':
      return dockerDenied(
        target,
        `permission denied on ${dockerSocketPath}; groups of ${target.user}: ${groups.trim()}`,
      );
    case 'usable':
      return forwardingOff(target);
    default:
      return dockerFailed(target, 'be reached through SSH', `${refusal}; the diagnostic command could not be run`);
  }
}

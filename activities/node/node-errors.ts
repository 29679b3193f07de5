import { registryOf } from '../../cluster/declaration/private-registries.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { Complaint, ErrorCode } from '../../cluster/errors.ts';
import type { NodeTarget } from './target.ts';

interface About {
  code: ErrorCode;
  sentence: string;
  got?: string | undefined;
  want?: string;
  fix?: string;
  remedy?: Complaint['remedy'];
}

/** An error about one node: its message begins with the node's name and address. */
export function nodeError(target: NodeTarget, about: About): CkeError {
  const { code, sentence, got, want, fix, remedy = 'retry' } = about;
  return new CkeError({
    code,
    message: `${target.name} (${target.address}): ${sentence}`,
    node: target.name,
    ...(got === undefined ? {} : { got: oneLine(got) }),
    ...(want === undefined ? {} : { want }),
    ...(fix === undefined ? {} : { fix }),
    remedy,
  });
}

/** Nothing answers, or what answers stopped answering. */
export function unreachable(target: NodeTarget, got: string): CkeError {
  return nodeError(target, {
    code: 'NodeUnreachable',
    sentence: 'the node cannot be reached over SSH',
    got,
    want: `sshd answering at ${target.address} port ${target.port}`,
    fix: `check power, network and firewall; try: ssh -p ${target.port} ${target.user}@${target.address}`,
  });
}

export function authenticationRefused(target: NodeTarget, got: string): CkeError {
  return nodeError(target, {
    code: 'NodeAuthentication',
    sentence: `sshd refused user ${target.user}`,
    got,
    want: `the public half of the cluster's SSH key in ${target.user}'s authorized_keys`,
    fix: `install the key for ${target.user} on ${target.name}, or store the right one with: cke-client init ${target.cluster}`,
    remedy: 'never',
  });
}

export function hostKeyChanged(target: NodeTarget, keys: { got: string; want: string }): CkeError {
  const [shown = ''] = keys.got.split(', ');
  const accept =
    target.hostKey === undefined
      ? `and shows this key on its console: cke-client ssh accept-host-key ${target.name} ${shown}`
      : 'declare its new key as ssh.host_key';
  return nodeError(target, {
    code: 'NodeHostKeyChanged',
    sentence: 'the host key is not the one that is known: it is quarantined, nothing was sent to that server',
    ...keys,
    fix: `find out who answers at ${target.address} with ${keys.got}; if ${target.name} was reinstalled, ${accept}`,
    remedy: 'never',
  });
}

export function dockerMissing(target: NodeTarget, got: string): CkeError {
  return nodeError(target, {
    code: 'DockerMissing',
    sentence: 'Docker is not running',
    got,
    want: 'dockerd listening on /var/run/docker.sock',
    fix: `install Docker 20.10 or later on ${target.name} and start it: systemctl enable --now docker`,
  });
}

export function dockerDenied(target: NodeTarget, got: string): CkeError {
  return nodeError(target, {
    code: 'DockerDenied',
    sentence: `user ${target.user} may not use Docker`,
    got,
    want: `user ${target.user} in group docker`,
    fix: `usermod -aG docker ${target.user} on ${target.name}, then: cke-client reconcile`,
    remedy: 'never',
  });
}

export function forwardingOff(target: NodeTarget): CkeError {
  return nodeError(target, {
    code: 'DockerForwardingOff',
    sentence: 'sshd refuses to forward to the Docker socket',
    got: 'Docker listens and the socket may be used, but the forwarded channel was refused',
    want: 'AllowStreamLocalForwarding yes (or local) for this user, and DisableForwarding no',
    fix: `set it in /etc/ssh/sshd_config on ${target.name}, then: systemctl reload ssh`,
    remedy: 'never',
  });
}

/** Docker answered with an error, or did not answer in time. `got` is mostly Docker's own sentence. */
export function dockerFailed(target: NodeTarget, doing: string, got: string): CkeError {
  return nodeError(target, {
    code: 'DockerFailed',
    sentence: `Docker could not ${doing}`,
    got,
    fix: `if that does not explain it, on ${target.name}: journalctl -u docker -n 50`,
  });
}

export function imageMissing(target: NodeTarget, image: string, got: string): CkeError {
  return nodeError(target, {
    code: 'ImageMissing',
    sentence: `image ${image} is not there and could not be pulled`,
    got,
    want: 'the image on the node, or a registry that has it',
    fix: `check the name and the mirror in the declaration; try on ${target.name}: docker pull ${image}`,
  });
}

/** The registry answers, and does not give the image to whoever this login (or none) makes the node. */
export function registryRefused(target: NodeTarget, { image, got, cure }: Refusal): CkeError {
  return nodeError(target, {
    code: 'RegistryRefused',
    sentence: `the registry ${registryOf(image)} refuses image ${image}`,
    got,
    want: 'a login that may pull it',
    ...(cure !== undefined && { fix: cure }),
    remedy: 'never',
  });
}

interface Refusal {
  image: string;
  got: string;
  cure: string | undefined;
}

/** The first line that says something, shortened: what another program says is quoted, not trusted. */
export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 400 ? `${line.slice(0, 397)}…` : line;
}

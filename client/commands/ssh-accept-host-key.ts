import { Command } from 'commander';
import { hostKeyPolicy } from '../../activities/node/host-key.ts';
import { CkeError } from '../../cluster/errors.ts';
import { chosenCluster } from '../cluster-name.ts';
import { declaredNode } from '../declared-node.ts';
import { operatorName } from '../operator.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { print } from '../output.ts';
import { inSession, type Session } from '../session.ts';
import { acceptedDeclaration } from './kubeconfig.ts';
import { tellEntity } from './pause.ts';

type AcceptOptions = ClusterOptions & OutputOptions;

/**
 * `cke-client ssh accept-host-key NODE KEY`: a machine that was reinstalled shows another host key, and is left alone until a person
 * says which one is right. Nothing is asked over the network: the key comes from the machine's console.
 */
export function acceptHostKeyCommand(): Command {
  const command = new Command('accept-host-key')
    .description('from now on know a node by this host key, after it was reinstalled')
    .argument('<node>', 'name of the node')
    .argument('<key>', 'its new host key: SHA256:…, or a public key line in quotes')
    .action((node: string, key: string, options: AcceptOptions) =>
      inSession(options, (session) => accept(session, { node, key, options })),
    );
  return withExamples(withOutput(withCluster(command)), [
    'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub   # on the console of the node',
    'cke-client ssh accept-host-key worker-3 SHA256:Jd0yQ…',
  ]);
}

interface Acceptance {
  node: string;
  key: string;
  options: AcceptOptions;
}

async function accept(session: Session, { node: name, key, options }: Acceptance): Promise<void> {
  const cluster = await chosenCluster(session, options);
  const node = declaredNode(await acceptedDeclaration(session, cluster), name);
  if (node.ssh.host_key !== undefined) throw declared(name);
  hostKeyPolicy(key);
  const by = operatorName();
  const was = await session.store().hostKeys.accept(cluster, node.address, { key: key.trim(), by });
  await tellEntity(session, cluster, `${by} accepted another host key of ${name}`);
  const asText = () => `${name} (${node.address}) is known by ${key.trim()} now.\nNext: cke-client status`;
  print({
    data: { cluster, node: name, key: key.trim(), ...(was !== undefined && { was }) },
    format: options.output,
    asText,
  });
}

function declared(node: string): CkeError {
  return new CkeError({
    code: 'InvalidRequest',
    message: `the host key of ${node} stands in the declaration, which counts`,
    fix: `put the new one at nodes of ${node}, ssh.host_key; then: cke-client apply cluster.yaml`,
    remedy: 'never',
  });
}

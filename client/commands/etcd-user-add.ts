import { stderr } from 'node:process';
import { Command, Option } from 'commander';
import { certificateRequest } from '../../cluster/certificates/catalogue.ts';
import { demandHarmless } from '../../cluster/etcd/user.ts';
import { chosenCluster } from '../cluster-name.ts';
import { giveEtcdCertificate } from '../etcd-certificate.ts';
import { askForEtcdUser } from '../look.ts';
import { type ClusterOptions, longLifetimeHours, withCluster, withExamples } from '../options.ts';
import { inSession, type Session } from '../session.ts';
import { acceptedDeclaration } from './kubeconfig.ts';

type AddOptions = ClusterOptions & { prefix: string; role?: string; ttl?: number };

/** `cke-client etcd user add NAME --prefix P`: an application's own user of the cluster's etcd, and a certificate for it. */
export function addEtcdUserCommand(): Command {
  const command = new Command('add')
    .description('make a user that may read and write the keys below a prefix, and print a certificate for it, as JSON')
    .argument('<name>', 'name of the user')
    .requiredOption('--prefix <prefix>', 'of the keys that it may read and write')
    .option('--role <role>', 'the role that may do so; one of the name of the user when left out')
    .addOption(
      new Option('--ttl <duration>', 'how long the certificate is valid; as the cluster’s own when left out').argParser(
        longLifetimeHours,
      ),
    )
    .action((user: string, options: AddOptions) => inSession(options, (session) => add(session, user, options)));
  return withExamples(withCluster(command), [
    'umask 077; cke-client etcd user add backup --prefix /backup/ --ttl 720h > backup.json',
    'cke-client etcd user add reader --prefix /backup/ --role backup   # a second user of the same role',
  ]);
}

async function add(
  session: Session,
  user: string,
  { prefix, role = user, ttl, ...options }: AddOptions,
): Promise<void> {
  const cluster = await chosenCluster(session, options);
  const declaration = await acceptedDeclaration(session, cluster);
  const request = certificateRequest({
    kind: 'etcd-user',
    declaration,
    user,
    ...(ttl !== undefined && { ttlHours: ttl }),
  });
  demandHarmless({ user, role, prefix });
  await askForEtcdUser(await session.temporal(), { cluster, user, role, prefix });
  stderr.write(`${cluster}: ${user} may read and write what is below ${prefix} (role ${role})\n`);
  await giveEtcdCertificate(session, { declaration, request });
}

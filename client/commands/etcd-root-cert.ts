import { Command } from 'commander';
import { certificateRequest } from '../../cluster/certificates/catalogue.ts';
import { chosenCluster } from '../cluster-name.ts';
import { giveEtcdCertificate } from '../etcd-certificate.ts';
import { type ClusterOptions, withCluster, withExamples } from '../options.ts';
import { inSession } from '../session.ts';
import { acceptedDeclaration } from './kubeconfig.ts';

/** `cke-client etcd root-cert`: etcd's user root for two hours, for a person who has to look into it. */
export function etcdRootCertCommand(): Command {
  const command = new Command('root-cert')
    .description("print a certificate of etcd's user root, valid for two hours, as JSON")
    .action((options: ClusterOptions) =>
      inSession(options, async (session) => {
        const declaration = await acceptedDeclaration(session, await chosenCluster(session, options));
        const request = certificateRequest({ kind: 'etcd-root', declaration });
        await giveEtcdCertificate(session, { declaration, request });
      }),
    );
  return withExamples(withCluster(command), [
    'umask 077; cke-client etcd root-cert > root.json',
    'for part in ca cert key; do jq -r .$part root.json > root.$part; done',
    'etcdctl --endpoints "$(jq -r \'.endpoints|join(",")\' root.json)" --cacert root.ca --cert root.cert --key root.key member list',
  ]);
}

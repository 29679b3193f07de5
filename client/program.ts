import { Command } from 'commander';
import { applyCommand } from './commands/apply.ts';
import { approveCommand } from './commands/approve.ts';
import { certificatesCommand } from './commands/certificates.ts';
import { destroyCommand } from './commands/destroy.ts';
import { doctorCommand } from './commands/doctor.ts';
import { etcdCommand } from './commands/etcd.ts';
import { historyCommand } from './commands/history.ts';
import { imagesCommand } from './commands/images.ts';
import { initCommand } from './commands/init.ts';
import { kubeconfigCommand } from './commands/kubeconfig.ts';
import { nodesCommand } from './commands/nodes.ts';
import { pauseCommand } from './commands/pause.ts';
import { planCommand } from './commands/plan.ts';
import { reconcileCommand } from './commands/reconcile.ts';
import { rejectCommand } from './commands/reject.ts';
import { replaceCommand } from './commands/replace.ts';
import { resourceCommand } from './commands/resource.ts';
import { resumeCommand } from './commands/resume.ts';
import { secretsCommand } from './commands/secrets.ts';
import { sshCommand } from './commands/ssh.ts';
import { statusCommand } from './commands/status.ts';
import { validateCommand } from './commands/validate.ts';
import { vaultCommand } from './commands/vault.ts';
import { whyCommand } from './commands/why.ts';

/** All of cke-client: one file per command. */
export function program(): Command {
  const cke = new Command('cke-client')
    .description('Builds and keeps Kubernetes clusters on your own servers.')
    .exitOverride()
    .showHelpAfterError('(--help shows what is possible)')
    .addHelpText('after', firstSteps);
  for (const command of commands()) cke.addCommand(command.copyInheritedSettings(cke));
  return cke;
}

function commands(): Command[] {
  return [
    initCommand(),
    validateCommand(),
    planCommand(),
    applyCommand(),
    reconcileCommand(),
    statusCommand(),
    approveCommand(),
    rejectCommand(),
    whyCommand(),
    historyCommand(),
    nodesCommand(),
    replaceCommand(),
    certificatesCommand(),
    destroyCommand(),
    imagesCommand(),
    resourceCommand(),
    secretsCommand(),
    sshCommand(),
    pauseCommand(),
    resumeCommand(),
    kubeconfigCommand(),
    vaultCommand(),
    etcdCommand(),
    doctorCommand(),
  ];
}

const firstSteps = `
First steps:
  cke-client validate cluster.yaml
  VAULT_TOKEN=… cke-client init NAME --ssh-key ~/.ssh/nodes
  cke-client apply cluster.yaml
  cke-client status

Exit codes:
  0  done, or nothing to do          2  plan: changes are pending
  1  it could not be done            3  done or looked at, but something needs a person
  4  Temporal fell silent while the work was followed; the work goes on
`;

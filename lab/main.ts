import { stdout } from 'node:process';
import { spawnSync } from 'node:child_process';
import { Command, InvalidArgumentError, Option } from 'commander';
import { explain, LabError } from './errors.ts';
import { moreImages } from './images.ts';
import { openLab } from './lab.ts';
import type { Lab } from './lab.ts';
import { enter } from './node/machine.ts';
import { Progress } from './progress.ts';
import { serverNames } from './servers/server.ts';
import type { ServerName } from './servers/server.ts';
import { asExports } from './settings.ts';
import { statusText } from './status.ts';
import type { UpOptions } from './up.ts';

const program = new Command('lab')
  .description('Real servers and real nodes on this machine, for trying things and for the tests')
  .addOption(new Option('-n, --name <lab>', 'which lab').default('demo').env('CKE_LAB_NAME'))
  .showHelpAfterError();

function lab(): Lab {
  return openLab({ name: program.opts<{ name: string }>().name, progress: new Progress() });
}

function count(text: string): number {
  if (!/^\d{1,2}$/.test(text)) throw new InvalidArgumentError('a number from 0 to 99 is wanted');
  return Number(text);
}

program
  .command('up')
  .description('build what is missing, start what is off')
  .option('--control-planes <n>', 'nodes cp-1 …', count, 3)
  .option('--workers <n>', 'nodes worker-1 …', count, 2)
  .option('--spares <n>', 'nodes spare-1 …', count, 0)
  .addOption(new Option('--images <which>', 'what its nodes hold').choices(['present', ...Object.keys(moreImages)]))
  .option('--subnet <cidr>', 'a /24 instead of the derived one')
  .option('--port-base <port>', 'the first of 20 ports instead of the derived one', Number)
  .action(async (options: UpOptions) => {
    const opened = lab();
    await opened.up(options);
    stdout.write(await statusText(opened));
    stdout.write(`\neval "$(npm run -s lab -- env --name ${opened.name})"\n`);
  });

program
  .command('down')
  .description('remove everything that up made')
  .action(() => lab().down());
program
  .command('status')
  .description('what runs, and where')
  .action(async () => void stdout.write(await statusText(lab())));
program
  .command('env')
  .description('export lines for a shell: PATH, addresses, credentials')
  .action(() => void stdout.write(asExports(lab().environment())));
program
  .command('routes [pairs...]')
  .description('let pods of different nodes reach each other; NODE=CIDR …, or read from Kubernetes')
  .action(async (pairs: string[]) => {
    const given = Object.fromEntries(pairs.map((pair) => [pair.split('=')[0] ?? '', pair.split('=')[1] ?? '']));
    const set = await lab().routes(pairs.length === 0 ? undefined : given);
    for (const [name, cidr] of Object.entries(set)) stdout.write(`${cidr} via ${name}\n`);
  });

const node = program.command('node').description('add, remove, enter and break nodes');
node.command('add <node>').action(async (name: string) => void (await lab().addNode(name)));
node.command('remove <node>').action((name: string) => lab().removeNode(name));
node.command('power-off <node>').action((name: string) => lab().node(name).powerOff());
node.command('power-on <node>').action((name: string) => lab().node(name).powerOn());
node
  .command('partition <node>')
  .description('unplug its cable, or drop only what is between it and --from nodes')
  .option('--from <nodes...>', 'names of other nodes')
  .action(async (name: string, { from }: { from?: string[] }) => {
    const opened = lab();
    if (from === undefined) await opened.node(name).partition();
    else await opened.node(name).cutFrom(from.map((other) => opened.node(other).address));
  });
node.command('heal <node>').action((name: string) => lab().node(name).heal());
node
  .command('exec <node> <command...>')
  .description('run a command as root in the node: exec cp-1 -- docker ps')
  .action((name: string, argv: string[]) => {
    const pid = lab().node(name).pid();
    if (pid === undefined)
      throw new LabError({ what: `${name} is off`, why: 'no power', cure: `node power-on ${name}` });
    const [command = 'nsenter', ...rest] = enter(pid, argv);
    process.exitCode = spawnSync(command, rest, { stdio: 'inherit' }).status ?? 1;
  });

const server = program.command('server').description(`start, stop, restart or kill ${serverNames.join(', ')}`);
for (const verb of ['start', 'stop', 'restart', 'kill'] as const) {
  server.command(`${verb} <server>`).action(async (text: string) => {
    const name = serverName(text);
    if (verb === 'start') await lab().startServer(name);
    else if (verb === 'restart') await lab().restartServer(name);
    else await lab().stopServer(name, verb);
  });
}

function serverName(text: string): ServerName {
  const name = serverNames.find((candidate) => candidate === text);
  if (name !== undefined) return name;
  throw new LabError({ what: `there is no server ${text}`, why: 'a lab has three', cure: serverNames.join(', ') });
}

const vault = program.command('vault').description('seal or unseal Vault');
vault.command('seal').action(() => lab().sealVault());
vault.command('unseal').action(() => lab().unsealVault());

const worker = program.command('worker').description('start, stop or kill workers');
worker
  .command('start')
  .option('--count <n>', 'how many there shall be', count, 1)
  .action(async (options: { count: number }) => void (await lab().startWorkers(options)));
worker.command('stop').action(() => lab().endWorkers('stop'));
worker.command('kill').action(() => lab().endWorkers('kill'));

try {
  await program.parseAsync();
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}

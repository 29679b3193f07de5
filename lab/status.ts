import Table from 'cli-table3';
import type { Lab } from './lab.ts';
import { runningProcess } from './processes.ts';
import { serverNames } from './servers/server.ts';
import { workerNames } from './workers.ts';

/** One line per server, node and worker of a lab: what runs, and where. */
export async function statusText(lab: Lab): Promise<string> {
  const { ports, subnet, bridge } = lab.record();
  const where = {
    temporal: `127.0.0.1:${ports.temporal}, Web UI http://127.0.0.1:${ports.temporalUi}`,
    vault: `https://127.0.0.1:${ports.vault}`,
    etcd: `https://127.0.0.1:${ports.etcdClient}`,
  };
  const table = new Table({ head: ['what', 'state', 'pid', 'where'], style: { head: [], border: [] } });
  for (const name of serverNames) table.push([name, ...stateOf(lab, name), where[name]]);
  for (const node of lab.nodes()) {
    const pid = node.pid();
    table.push([node.name, await node.state(), pid === undefined ? '' : String(pid), node.address]);
  }
  for (const name of workerNames(lab.paths))
    table.push([`process ${name}`, ...stateOf(lab, name), lab.paths.log(name)]);
  return `lab ${lab.name}, ${subnet} on ${bridge}, state in ${lab.paths.directory}\n${table.toString()}\n`;
}

function stateOf(lab: Lab, name: string): [state: string, pid: string] {
  const running = runningProcess(lab.paths.record(name));
  return running === undefined ? ['off', ''] : ['on', String(running.pid)];
}

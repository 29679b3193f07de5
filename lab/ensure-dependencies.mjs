// Runs on whatever Node a fresh machine has, before anything is installed: no dependencies, no TypeScript.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const read = (path) => {
  try {
    return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).packages;
  } catch {
    return undefined;
  }
};

/** npm leaves the lock it installed inside node_modules, without the root entry and the packages of other platforms. */
const wanted = read('../package-lock.json') ?? {};
const installed = read('../node_modules/.package-lock.json');
const missing = Object.entries(wanted).filter(
  ([path, entry]) => path !== '' && !entry.optional && installed?.[path]?.version !== entry.version,
);
if (installed === undefined || missing.length > 0) {
  console.log('installing the dependencies (npm ci) …');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    stdio: 'inherit',
    cwd: new URL('..', import.meta.url),
  });
  process.exitCode = npm.status ?? 1;
}

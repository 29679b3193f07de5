// Runs on whatever Node a fresh machine has, before anything is installed: no dependencies, no TypeScript.
import { spawn } from 'node:child_process';
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
  const began = Date.now();
  console.log('installing the dependencies: npm ci …');
  const npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: 'inherit',
    cwd: new URL('..', import.meta.url),
  });
  const ticker = setInterval(() => console.log(`npm ci … ${Math.round((Date.now() - began) / 1000)} s`), 15_000);
  const ended = (code) => {
    clearInterval(ticker);
    if (code === 0) return;
    console.error('the dependencies could not be installed\n  fix  make this work by hand: npm ci');
    process.exitCode = 1;
  };
  npm.on('error', () => ended(127));
  npm.on('exit', ended);
}

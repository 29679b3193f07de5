import { stdout } from 'node:process';
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

type Failed = readonly { readonly message?: string; readonly stack?: string }[];

/** Tells what failed as soon as it has: a run that is ended before its time has told, too. */
export class FailuresAtOnce implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result();
    if (state === 'failed') tell(test.fullName, errors ?? []);
  }

  onTestSuiteResult(suite: TestSuite): void {
    tell(`around ${suite.fullName}`, suite.errors());
  }

  onTestModuleEnd(module: TestModule): void {
    tell(module.relativeModuleId, module.errors());
  }
}

function tell(what: string, errors: Failed): void {
  for (const { message, stack } of errors) stdout.write(`    failed  ${what}: ${message ?? ''}\n${placesIn(stack)}`);
}

/** The lines of a stack that are ours. */
function placesIn(stack = ''): string {
  const ours = stack.split('\n').filter((line) => /^\s*at /.test(line) && !line.includes('node_modules'));
  return ours.map((line) => `        ${line.trim()}\n`).join('');
}

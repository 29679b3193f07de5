import { writeFileSync } from 'node:fs';
import { declarationReference } from './declaration-reference.ts';

writeFileSync(new URL('../docs/declaration.md', import.meta.url), declarationReference());

import { register } from 'node:module';

// `node --import ./test/setup/register-typescript.js program.ts`: runs our sources in a process of their own.
register('./typescript-hooks.js', import.meta.url);

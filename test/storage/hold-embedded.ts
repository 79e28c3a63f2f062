import process from 'node:process';
import { startEmbedded } from '../../src/storage/embedded.ts';

// Starts the embedded database in the folder given, says where it is, and holds it until told to stop or killed.
const quiet = { warn: () => undefined };
const [folder = ''] = process.argv.slice(2);

try {
  const embedded = await startEmbedded(folder, quiet);
  process.once('SIGTERM', () => void embedded.stop().then(() => process.exit(0)));
  setInterval(() => undefined, 60_000);
  process.stdout.write(`${JSON.stringify({ url: embedded.url })}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ refused: error instanceof Error ? error.message : String(error) })}\n`);
}

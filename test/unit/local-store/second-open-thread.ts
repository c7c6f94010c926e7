/** Opens the folder that its thread was given, which shares no memory with the owner, and says what came of it. */
import { parentPort, workerData } from 'node:worker_threads';
import { openStore } from '../../../providers/local/store/index.ts';

try {
  openStore({ folder: String(workerData), durability: 'process' });
  parentPort?.postMessage('owner');
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  parentPort?.postMessage(`refused ${code}`);
}

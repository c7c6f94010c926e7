/**
 * The whole of polyfaas in one run: `npm start`. Deploys the shop beside this folder, makes every kind of event happen,
 * and takes everything away again. `CLOUD=aws npm start` does the same elsewhere, where that adapter is built.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PolyfaasConfig, ServerlessError, createServerlessManager } from 'polyfaas';
import { startIssuer } from './issuer.ts';
import { stepsDone } from './progress.ts';

const started = performance.now();
const stateFolder = await mkdtemp(join(tmpdir(), 'polyfaas-demo-'));
const issuer = await startIssuer();
// Read by the configuration, so it is imported after this.
process.env.SHOP_ISSUER = issuer.url;

try {
  const { default: shop } = await import('../shop/polyfaas.config.ts');
  const { tour } = await import('./tour.ts');
  const config: PolyfaasConfig = { ...shop, providerOptions: { local: { stateFolder } } };
  const manager = await createServerlessManager(config);
  try {
    process.stdout.write(`polyfaas: ${manager.app} on ${manager.provider}\n\n`);
    await tour(manager, issuer);
  } finally {
    await manager.close();
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`\n${stepsDone()} steps in ${seconds} s\n`);
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = 1;
} finally {
  await issuer.close();
  await rm(stateFolder, { recursive: true, force: true });
}

function describe(error: unknown): string {
  if (ServerlessError.isInstance(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Deploys and invokes, and prints what was loaded of OpenTelemetry. Parameters: the root; `auto`, `on` or `off`. */
import { registerHooks } from 'node:module';

const loaded = new Set<string>();
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('@opentelemetry/')) loaded.add(specifier);
    return next(specifier, context);
  },
});

const [root = '', mode = 'auto'] = process.argv.slice(2);
const { createServerlessManager } = await import('polyfaas');
const manager = await createServerlessManager(
  {
    app: 'shop',
    root,
    functions: {
      hello: {
        source: `
          import { defineFunction } from 'polyfaas/function';
          export default defineFunction({
            invoke: (_input, context) => ({ trace: context.trace ?? null }),
          });`,
      },
    },
  },
  { telemetry: mode === 'auto' ? 'auto' : mode === 'on' },
);
await manager.deploy('hello');
const { output } = await manager.invoke('hello');
await manager.close();
process.stdout.write(`${JSON.stringify({ output, loaded: [...loaded] })}\n`);

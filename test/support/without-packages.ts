/** Deploys, and removes, in a program of its own that has not all of a vendor's packages. */
import { runProgram } from './program.ts';

const ROOT = new URL('../..', import.meta.url).href;

export interface Bare {
  /** The adapter: `aws`. */
  readonly cloud: string;
  /** Source of a regular expression: packages that are not there. */
  readonly without: string;
  /** JSON. */
  readonly config: Readonly<Record<string, unknown>> & {
    readonly functions: Readonly<Record<string, object>>;
  };
  /** Code that changes `config`, where JSON cannot say it. */
  readonly before?: string;
  /** What is done to each function instead of a deploy. */
  readonly operation?: 'deploy' | 'remove';
}

/** @returns what the deploy of each function came to: `done`, or the code and the message of its error */
export async function deployWithout({
  cloud,
  without,
  config,
  before = '',
  operation = 'deploy',
}: Bare): Promise<Readonly<Record<string, string>>> {
  const name = `create${cloud.charAt(0).toUpperCase()}${cloud.slice(1)}Provider`;
  const { stdout, stderr } = await runProgram(`
    import { registerHooks } from 'node:module';
    const without = new RegExp(${JSON.stringify(without)});
    registerHooks({
      resolve(specifier, context, next) {
        // Vendors bring their own copies of what they need.
        if (without.test(specifier) && context.parentURL?.startsWith(${JSON.stringify(`${ROOT}providers/`)}))
          throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
        const [isOwn, part] = /^polyfaas(?:\\/(\\w+))?$/.exec(specifier) ?? [];
        if (isOwn === undefined) return next(specifier, context);
        const folder = part === undefined ? 'src' : part === 'local' ? 'providers/local' : 'src/' + part;
        return next(new URL(folder + '/index.ts', ${JSON.stringify(ROOT)}).href, context);
      },
    });
    const { createServerlessManager } = await import('polyfaas');
    const { ${name} } = await import(${JSON.stringify(`${ROOT}providers/${cloud}/provider.ts`)});
    const config = ${JSON.stringify(config)};
    ${before}
    const manager = await createServerlessManager(config, { provider: ${name} });
    const said = {};
    for (const name of Object.keys(config.functions))
      said[name] = await manager.${operation}(name).then(() => 'done', ({ code, message }) => code + ' ' + message);
    console.log(JSON.stringify(said));
    await manager.close();
  `);
  if (stdout === '') throw new Error(stderr);
  const said: Readonly<Record<string, string>> = JSON.parse(stdout);
  return said;
}

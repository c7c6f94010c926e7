import { isAbsolute, join } from 'node:path';
import {
  type NormalFunctionSpec,
  ServerlessError,
  settingIssues,
  type SpecIssue,
  unknownField,
} from 'polyfaas/spi';
import { z } from 'zod';

/** Settings of the local provider, under `providerOptions.local` of the configuration. */
export interface LocalOptions {
  /** Where versions, queues, logs and secrets are kept. Default `.polyfaas/local` under the root. */
  readonly stateFolder?: string;
  /** The address that the gateway listens on. Default `127.0.0.1`: nobody else can reach it. */
  readonly host?: string;
  /** The gateway's port. Default 0, which takes a free one. */
  readonly port?: number;
  /** Names that the Host header may have, beside the loopback ones. */
  readonly allowedHosts?: readonly string[];
  /** Larger request bodies get 413. Default 6,291,456. */
  readonly maxBodyBytes?: number;
  /** `process`: safe against kill -9. `power`: against power loss too, slower. Default `process`. */
  readonly durability?: 'process' | 'power';
  /** Defaults for every function. */
  readonly isolation?: LocalFunctionOptions['isolation'];
  readonly idleSeconds?: number;
}

/** Settings of one function, under `providerOptions.local` of its declaration. */
export interface LocalFunctionOptions {
  /**
   * `auto` (default): threads, and processes for code with native add-ons or child processes, and for an `env` with
   * `TZ`, `LANG` or `LC_*`, which have no effect in a thread. Threads are no security boundary.
   */
  readonly isolation?: 'auto' | 'thread' | 'process';
  /** An instance that has been idle for so long is stopped: 1 to 86,400. Default 300. */
  readonly idleSeconds?: number;
  /** Calls that may wait for an instance: 0 to 100,000. Default 1,000. */
  readonly maxWaiting?: number;
}

declare module 'polyfaas/spi' {
  interface ProviderOptions {
    readonly local?: LocalOptions & LocalFunctionOptions;
  }
}

// Errors say what is allowed, as the end of "Give ...".
const oneOf = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, { error: `one of ${words.map((word) => `"${word}"`).join(', ')}` });

const wholeNumber = (from: number, to: number, range: string) => {
  const error = `a whole number ${range}`;
  return z.int({ error }).min(from, { error }).max(to, { error });
};

const text = (error: string) => z.string({ error }).min(1, { error });

const SECONDS = 'a number of seconds from 1 to 86,400';
const HOSTS = 'a list of host names';

const functionShape = {
  isolation: oneOf(['auto', 'thread', 'process']).optional(),
  idleSeconds: z
    .number({ error: SECONDS })
    .min(1, { error: SECONDS })
    .max(86_400, { error: SECONDS })
    .optional(),
  maxWaiting: wholeNumber(0, 100_000, 'from 0 to 100,000').optional(),
};

const platformShape = {
  ...functionShape,
  stateFolder: text('the path of a folder').optional(),
  host: text('an address to listen on, such as "127.0.0.1"').optional(),
  port: wholeNumber(0, 65_535, 'from 0, which takes a free one, to 65,535').optional(),
  allowedHosts: z.array(z.string({ error: 'a host name' }), { error: HOSTS }).optional(),
  maxBodyBytes: wholeNumber(1, 1_073_741_824, 'of bytes from 1 to 1,073,741,824').optional(),
  durability: oneOf(['process', 'power']).optional(),
};

const settings = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys
            .map((key) => unknownField(key, Object.keys(shape), 'the local provider'))
            .join('\n')
        : 'an object with the settings of the local provider',
  });

const functionSchema = settings(functionShape);
const platformSchema = settings(platformShape);

/** The platform's settings with nothing left out. */
export interface PlatformSettings {
  readonly stateFolder: string;
  readonly host: string;
  readonly port: number;
  readonly allowedHosts: readonly string[];
  readonly maxBodyBytes: number;
  readonly durability: 'process' | 'power';
  readonly isolation: 'auto' | 'thread' | 'process';
  readonly idleSeconds: number;
  readonly maxWaiting: number;
}

/** One function's settings with nothing left out. */
export interface InstanceSettings {
  readonly isolation: 'auto' | 'thread' | 'process';
  readonly idleSeconds: number;
  readonly maxWaiting: number;
}

export function platformSettings(given: unknown, root: string): PlatformSettings {
  const parsed = platformSchema.safeParse(given ?? {});
  if (!parsed.success) {
    const issues = settingIssues(parsed.error.issues, given, ['providerOptions', 'local']);
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      provider: 'local',
      message: issues.map(({ path, message }) => `${path}: ${message}`).join('\n'),
      details: { issues: issues.map(({ path, message }) => ({ path, message })) },
    });
  }
  const options = parsed.data;
  const folder = options.stateFolder ?? join('.polyfaas', 'local');
  return {
    stateFolder: isAbsolute(folder) ? folder : join(root, folder),
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    allowedHosts: options.allowedHosts ?? [],
    maxBodyBytes: options.maxBodyBytes ?? 6_291_456,
    durability: options.durability ?? 'process',
    isolation: options.isolation ?? 'auto',
    idleSeconds: options.idleSeconds ?? 300,
    maxWaiting: options.maxWaiting ?? 1000,
  };
}

export function instanceSettings(
  spec: Pick<NormalFunctionSpec, 'providerOptions'>,
  platform: PlatformSettings,
): InstanceSettings {
  const own = functionSchema.safeParse(spec.providerOptions.local ?? {});
  const options = own.success ? own.data : {};
  return {
    isolation: options.isolation ?? platform.isolation,
    idleSeconds: options.idleSeconds ?? platform.idleSeconds,
    maxWaiting: options.maxWaiting ?? platform.maxWaiting,
  };
}

/**
 * Node reads these once, when a process starts: a thread has those of the program that it runs in, whatever its own
 * environment says.
 */
function isReadAtStart(name: string): boolean {
  return name === 'TZ' || name === 'LANG' || name.startsWith('LC_');
}

/** What the instances of a version are: `auto` takes a thread wherever one does. */
export function isolationOf(
  isolation: InstanceSettings['isolation'],
  version: { readonly needsProcess: boolean; readonly env: NormalFunctionSpec['env'] },
): 'thread' | 'process' {
  if (isolation !== 'auto') return isolation;
  const needsProcess = version.needsProcess || Object.keys(version.env).some(isReadAtStart);
  return needsProcess ? 'process' : 'thread';
}

/** Problems of a function's own settings. */
export function functionIssues(spec: NormalFunctionSpec): readonly SpecIssue[] {
  const given = spec.providerOptions.local ?? {};
  const parsed = functionSchema.safeParse(given);
  if (!parsed.success) {
    const path = ['functions', spec.name, 'providerOptions', 'local'];
    return settingIssues(parsed.error.issues, given, path);
  }
  if (parsed.data.isolation !== 'thread') return [];
  return Object.keys(spec.env)
    .filter(isReadAtStart)
    .map((name) => ({
      path: `functions.${spec.name}.env.${name}`,
      message: `${name} has no effect in a thread, which has that of the whole program. Set providerOptions.local.isolation to "auto" or "process".`,
      warning: 'ignored',
    }));
}

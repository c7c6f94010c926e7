import { isAbsolute, join } from 'node:path';
import {
  checkSettings,
  type NormalFunctionSpec,
  settingsError,
  type SpecIssue,
} from 'polyfaas/spi';
import { z } from 'zod';
import { runtimeIssues } from './check-runtime.ts';
import { defaultTotalInstances, thisMachine } from './default-instances.ts';
import { comparableHost, hostProblem, listenAddress } from './host-setting.ts';

/** Settings of the local provider, under `providerOptions.local` of the configuration. */
export interface LocalOptions {
  /** Where versions, queues, logs and secrets are kept. Default `.polyfaas/local` under the root. */
  readonly stateFolder?: string;
  /** The address that the gateway listens on. Default `127.0.0.1`: nobody else can reach it. */
  readonly host?: string;
  /** The gateway's port. Default 0, which takes a free one. */
  readonly port?: number;
  /** Names that the Host header may have, beside the loopback ones, without ports; `*` for all. */
  readonly allowedHosts?: readonly string[];
  /** Larger request bodies get 413, and no route may allow more. Default 6,291,456. */
  readonly maxBodyBytes?: number;
  /** `process`: safe against kill -9. `power`: against power loss too, slower. Default `process`. */
  readonly durability?: 'process' | 'power';
  /**
   * How long `close()` waits for event handlers that are under way: 0 to 900. Default 5. What takes longer is cut off,
   * and delivered again after the next start.
   */
  readonly closeGraceSeconds?: number;
  /**
   * Instances of all functions together, beside those that `minInstances` keeps standing: 1 to 10,000. Default 64, or 16
   * for each processor where that is more; less where the memory has no 64 MB for each. Calls beyond wait for an
   * instance, in order; before that, those that are idle are ended.
   */
  readonly maxTotalInstances?: number;
  /**
   * How long calls, for metrics, and log lines are kept: 1 to 365. Default 14. At most a million of each are kept, of all
   * functions together; beyond that, the oldest of those functions go that have the most.
   */
  readonly keepRecordsDays?: number;
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

const functionShape = {
  isolation: z.enum(['auto', 'thread', 'process']).optional(),
  idleSeconds: z.number().min(1).max(86_400).optional(),
  maxWaiting: z.int().min(0).max(100_000).optional(),
};

const allowedHost = z
  .string('a host name')
  .superRefine((name, context) => {
    const message = hostProblem(name);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .transform((name) => comparableHost(name) ?? name);

const platformShape = {
  ...functionShape,
  stateFolder: z.string().min(1).optional(),
  host: z.string('an address to listen on, such as "127.0.0.1"').min(1).optional(),
  port: z.int().min(0).max(65_535).optional(),
  allowedHosts: z.array(allowedHost, 'a list of host names').optional(),
  maxBodyBytes: z.int().min(1).max(1_073_741_824).optional(),
  durability: z.enum(['process', 'power']).optional(),
  closeGraceSeconds: z.number().min(0).max(900).optional(),
  maxTotalInstances: z.int().min(1).max(10_000).optional(),
  keepRecordsDays: z.number().min(1).max(365).optional(),
};

const functionSchema = z.strictObject(functionShape);
const platformSchema = z.strictObject(platformShape);

/** The platform's settings with nothing left out. */
export interface PlatformSettings {
  readonly stateFolder: string;
  readonly host: string;
  readonly port: number;
  readonly allowedHosts: readonly string[];
  readonly maxBodyBytes: number;
  readonly durability: 'process' | 'power';
  readonly closeGraceSeconds: number;
  readonly maxTotalInstances: number;
  readonly keepRecordsDays: number;
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
  const checked = checkSettings(platformSchema, given, ['providerOptions', 'local']);
  if (!checked.ok) throw settingsError('local', checked.issues);
  const options = checked.settings;
  const folder = options.stateFolder ?? join('.polyfaas', 'local');
  return {
    stateFolder: isAbsolute(folder) ? folder : join(root, folder),
    host: listenAddress(options.host ?? '127.0.0.1'),
    port: options.port ?? 0,
    allowedHosts: options.allowedHosts ?? [],
    maxBodyBytes: options.maxBodyBytes ?? 6_291_456,
    durability: options.durability ?? 'process',
    closeGraceSeconds: options.closeGraceSeconds ?? 5,
    maxTotalInstances: options.maxTotalInstances ?? defaultTotalInstances(thisMachine()),
    keepRecordsDays: options.keepRecordsDays ?? 14,
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
export function functionIssues(
  spec: NormalFunctionSpec,
  platform: PlatformSettings,
): readonly SpecIssue[] {
  const path = ['functions', spec.name, 'providerOptions', 'local'];
  const checked = checkSettings(functionSchema, spec.providerOptions.local, path);
  if (!checked.ok) return checked.issues;
  const always = [...runtimeIssues(spec), ...limitIssues(spec, platform), ...tracingIssues(spec)];
  if (instanceSettings(spec, platform).isolation !== 'thread') return always;
  const ignored = Object.keys(spec.env)
    .filter(isReadAtStart)
    .map((name): SpecIssue => ({
      path: `functions.${spec.name}.env.${name}`,
      message: `${name} has no effect in a thread, which has that of the whole program. Set providerOptions.local.isolation to "auto" or "process".`,
      warning: 'ignored',
    }));
  return [...always, ...ignored];
}

function limitIssues(
  { name, maxInstances }: NormalFunctionSpec,
  { maxTotalInstances }: PlatformSettings,
): readonly SpecIssue[] {
  if (maxInstances === undefined || maxInstances <= maxTotalInstances) return [];
  return [
    {
      path: `functions.${name}.maxInstances`,
      message: `maxInstances is ${maxInstances}, but all functions together have ${maxTotalInstances} instances at most, beside those of minInstances. Raise providerOptions.local.maxTotalInstances where the machine has room for them.`,
      warning: 'limit',
    },
  ];
}

/** Kept with the function, and shown in plans; but no one takes samples here. */
function tracingIssues({
  name,
  tracing,
}: Pick<NormalFunctionSpec, 'name' | 'tracing'>): readonly SpecIssue[] {
  if (tracing === undefined) return [];
  return [
    {
      path: `functions.${name}.tracing`,
      message: `a sample rate of ${tracing.sampleRate} has no effect: the local provider keeps no traces. Leave it out here, or send spans of your own from the handler, below \`context.trace\`.`,
      warning: 'ignored',
    },
  ];
}

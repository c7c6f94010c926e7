/** The normal form of the settings. */
import { checkSettings, type NormalFunctionSpec, settingsError } from 'polyfaas/spi';
import { refuseIdentity } from '../check/identity.ts';
import {
  DEFAULT_KEY_ID,
  type FunctionSettings,
  type PlatformSettings,
  type VercelFunctionOptions,
} from '../options.ts';
import { regionOf, regionProblem } from '../region.ts';
import { nativeRuntime } from '../runtime.ts';
import { functionSchema, platformSchema } from './schema.ts';

/** Vercel's own addresses. */
const API = 'https://api.vercel.com';
const QUEUE = 'https://{region}.vercel-queue.com';

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws ServerlessError INVALID_ARGUMENT with every problem at once. */
export function platformSettings(
  given: unknown,
  region: string | undefined,
  env: Environment,
): PlatformSettings {
  refuseIdentity(given, 'providerOptions.vercel');
  const checked = checkSettings(platformSchema, given, ['providerOptions', 'vercel']);
  const native = regionOf(region);
  const wrongRegion = regionProblem(native);
  const issues = [
    ...checked.issues,
    ...(wrongRegion === undefined ? [] : [{ path: 'region', message: wrongRegion }]),
  ];
  if (!checked.ok || issues.length > 0) throw settingsError('vercel', issues);
  const { token, team, endpoints = {}, projectNames, queues, ...defaults } = checked.settings;
  return {
    token: token ?? env['VERCEL_TOKEN']?.trim() ?? '',
    team: team ?? teamOf(env),
    apiEndpoint: withoutSlash(endpoints.api ?? API),
    queueEndpoint: withoutSlash(endpoints.queue ?? QUEUE),
    projectNames: projectNames ?? {},
    queues: queues === 'beta',
    region: native,
    defaults: definedOnly(defaults),
  };
}

/** The settings of a function whose declaration was checked. */
export function functionSettings(
  spec: Pick<NormalFunctionSpec, 'providerOptions' | 'runtime'>,
  platform: Pick<PlatformSettings, 'defaults' | 'region'>,
): FunctionSettings {
  const options = givenOptions(spec, platform);
  return {
    runtime: options.runtime ?? nativeRuntime(spec.runtime),
    // Their order is no wish.
    regions: (options.regions ?? [platform.region]).map((one) => regionOf(one)).toSorted(),
    domain: options.domain ?? null,
    invokeKeyId: options.invokeKeyId ?? DEFAULT_KEY_ID,
  };
}

/** What the function's declaration says, over what the configuration says for all. */
export function givenOptions(
  spec: Pick<NormalFunctionSpec, 'providerOptions'>,
  platform: Pick<PlatformSettings, 'defaults'>,
): VercelFunctionOptions {
  const parsed = functionSchema.safeParse(spec.providerOptions.vercel ?? {});
  return { ...platform.defaults, ...(parsed.success ? definedOnly(parsed.data) : {}) };
}

/** VERCEL_ORG_ID is the user's own id in a project of a personal account ("System environment variables" of the CLI). */
function teamOf(env: Environment): string | null {
  const named = env['VERCEL_TEAM_ID']?.trim();
  if (named) return named;
  const organisation = env['VERCEL_ORG_ID']?.trim() ?? '';
  return organisation.startsWith('team_') ? organisation : null;
}

/** What is undefined is not said, so that a default shows through. */
function definedOnly(options: object): VercelFunctionOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

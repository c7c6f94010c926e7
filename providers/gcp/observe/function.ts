/** Reads what Cloud Functions tells of a function. */
import { callFunctions } from '../clients/functions.ts';
import type { GcpClients } from '../clients/index.ts';
import { nameProblem } from '../environment.ts';
import { ifThere } from '../errors.ts';
import type { BuiltFields, GcpObserved } from '../model.ts';

type ObservedOne = NonNullable<GcpObserved['function']>;

const STATES = ['UNKNOWN', 'ACTIVE', 'FAILED', 'DEPLOYING', 'DELETING'] as const;

/** Undefined when there is none. */
export async function readFunction(
  gcp: GcpClients,
  name: string,
  signal: AbortSignal,
): Promise<ObservedOne | undefined> {
  const found = await ifThere(
    callFunctions(gcp, signal, (client, options) => client.getFunction({ name }, options)),
  );
  return found === undefined ? undefined : functionOf(found[0]);
}

/** What the client answers: enums as texts, or as numbers from an operation. */
interface AnsweredFunction {
  readonly state?: unknown;
  readonly environment?: unknown;
  readonly description?: string | null;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly updateTime?: {
    readonly seconds?: number | string | { toNumber(): number } | null;
    readonly nanos?: number | null;
  } | null;
  readonly buildConfig?: { readonly runtime?: string | null } | null;
  readonly serviceConfig?: {
    readonly service?: string | null;
    readonly uri?: string | null;
    readonly serviceAccountEmail?: string | null;
    readonly maxInstanceCount?: number | null;
    readonly maxInstanceRequestConcurrency?: number | null;
    readonly environmentVariables?: Readonly<Record<string, string>> | null;
    readonly secretEnvironmentVariables?:
      | readonly {
          readonly key?: string | null;
          readonly secret?: string | null;
          readonly version?: string | null;
        }[]
      | null;
  } | null;
}

export function functionOf(found: AnsweredFunction): ObservedOne {
  const { service, uri, serviceAccountEmail } = found.serviceConfig ?? {};
  return {
    state: stateOf(found.state),
    service: service || null,
    url: uri ? uri.replace(/\/+$/, '') : null,
    labels: { ...found.labels },
    environment: found.environment === 'GEN_1' || found.environment === 1 ? 'GEN_1' : 'GEN_2',
    serviceAccount: serviceAccountEmail || null,
    updateTime: timeOf(found.updateTime),
    built: builtOf(found),
  };
}

function builtOf({ description, buildConfig, serviceConfig }: AnsweredFunction): BuiltFields {
  return {
    description: description ?? '',
    env: envIn(serviceConfig?.environmentVariables, serviceConfig?.secretEnvironmentVariables),
    runtime: buildConfig?.runtime || null,
    concurrency: serviceConfig?.maxInstanceRequestConcurrency || null,
    maxInstances: serviceConfig?.maxInstanceCount || null,
  };
}

type Answered = NonNullable<AnsweredFunction['serviceConfig']>;

/** Without what is ours, and what Google adds: no user's variable has such a name. */
function envIn(
  plain: Answered['environmentVariables'],
  secrets: Answered['secretEnvironmentVariables'],
): BuiltFields['env'] {
  const entries = [
    ...Object.entries(plain ?? {}),
    ...(secrets ?? []).map(({ key, secret, version }) => [key ?? '', { secret, version }] as const),
  ];
  return Object.fromEntries(entries.filter(([name]) => nameProblem(name) === undefined));
}

function stateOf(state: unknown): ObservedOne['state'] {
  if (typeof state === 'number') return STATES[state] ?? 'UNKNOWN';
  return STATES.find((one) => one === state) ?? 'UNKNOWN';
}

/** RFC 3339, in whole milliseconds. The seconds may be a number, a text, or a 64-bit number, as the client has it. */
function timeOf(time: AnsweredFunction['updateTime']): string {
  if (!time) return '';
  const { seconds } = time;
  const whole = typeof seconds === 'object' && seconds !== null ? seconds.toNumber() : seconds;
  const ms = Number(whole ?? 0) * 1000 + Math.floor((time.nanos ?? 0) / 1_000_000);
  return Number.isFinite(ms) ? new Date(ms).toISOString() : '';
}

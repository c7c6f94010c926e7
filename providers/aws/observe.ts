/** Reads one function: two calls beside each other, and more only when asked to. */
import type {
  AliasConfiguration,
  FunctionConfiguration,
  GetFunctionResponse,
  Lambda,
} from '@aws-sdk/client-lambda';
import {
  ServerlessError,
  digestOf,
  type CallContext,
  type FunctionRef,
  type ObserveOptions,
  type VersionDescription,
} from 'polyfaas/spi';
import type { AwsClients } from './clients/index.ts';
import { ENV } from './envelope.ts';
import { driftedBindings } from './events/drift/find.ts';
import {
  LIVE,
  type AwsObserved,
  type BindingDrift,
  type Unrecorded,
  type VersionNeeds,
  type VersionNote,
} from './model.ts';
import { standings } from './history.ts';
import { hasPlainRoles, isOwnedBy } from './names.ts';
import { decodeNote } from './note.ts';
import { readActual } from './observe/actual.ts';
import { architectureOf, configOf, needsOf } from './observe/config.ts';
import { findLeftovers, findTrace, findUnrecorded } from './observe/leftovers.ts';
import { decodeSettings } from './plan/applied.ts';
import { EMPTY_RECORD, TAG } from './record.ts';
import { recordOf } from './removing.ts';
import { ifThere } from './replies.ts';

export interface Reading {
  readonly ref: FunctionRef;
  readonly physicalName: string;
  readonly call: CallContext;
  readonly options: ObserveOptions & {
    /** Look for the log group of a function that is gone: a deploy must know that there was one. Default false. */
    readonly trace?: boolean;
  };
}

export async function observe(aws: AwsClients, reading: Reading): Promise<AwsObserved> {
  const { physicalName, call, options } = reading;
  const lambda = await aws.lambda();
  const http = { abortSignal: call.signal };
  const name = { FunctionName: physicalName };
  // One round trip for what nearly every operation needs.
  const [found, alias, versions] = await Promise.all([
    ifThere(lambda.getFunction(name, http)),
    ifThere(lambda.getAlias({ ...name, Name: LIVE }, http)),
    options.versions === false && options.full !== true
      ? undefined
      : ifThere(listVersions(lambda, physicalName, call)),
  ]);
  if (!found) {
    const observed = absent(physicalName);
    if (options.leftovers === true) return { ...observed, ...(await findLeftovers(aws, reading)) };
    return options.trace === true
      ? { ...observed, leftovers: await findTrace(aws, reading) }
      : observed;
  }
  refuseHiddenTags(found);
  const seen = await withLiveConfig(
    lambda,
    reading,
    describe(aws.region, reading, found, alias, versions),
    versions,
  );
  const observed =
    options.leftovers === true && seen.unrecorded !== undefined
      ? await findUnrecorded(aws, seen, reading)
      : seen;
  if (options.full !== true || observed.isStranger) return observed;
  const { functionArn, record } = observed;
  const { region } = aws;
  const settings = decodeSettings(record.settings);
  const [actual, drifted] = await Promise.all([
    readActual(aws, {
      ref: reading.ref,
      physicalName,
      plainRoles: hasPlainRoles(observed),
      functionArn,
      region,
      call,
      settings,
    }),
    readBindings(aws, reading, observed),
  ]);
  const live = versions?.find(({ Version }) => Version === observed.live?.version);
  const { foreign = [] } = (live && configOf(live)) ?? {};
  return { ...observed, actual: { ...actual, drifted, foreign } };
}

/** What is live has to be read too, but only for a plan, and where `$LATEST` does not have the same. */
async function withLiveConfig(
  lambda: Lambda,
  { physicalName, call, options }: Reading,
  observed: AwsObserved,
  versions: readonly FunctionConfiguration[] | undefined,
): Promise<AwsObserved> {
  const { live, latest, isStranger } = observed;
  const configDigest = live?.note?.configDigest ?? null;
  if (live === null || configDigest === null || isStranger) return observed;
  if (options.trace !== true || options.leftovers === true) return observed;
  if (latest?.digest?.startsWith(configDigest) === true) return observed;
  const raw =
    versions?.find(({ Version }) => Version === live.version) ??
    (await ifThere(
      lambda.getFunctionConfiguration(
        { FunctionName: physicalName, Qualifier: live.version },
        { abortSignal: call.signal },
      ),
    ));
  return raw ? { ...observed, live: { ...live, config: configOf(raw) } } : observed;
}

/** Without the alias, none of them can be as it was. */
async function readBindings(
  aws: AwsClients,
  { ref, call }: Reading,
  observed: AwsObserved,
): Promise<readonly BindingDrift[]> {
  const { physicalName, functionArn, record, live } = observed;
  const note = live?.note;
  if (!note) return [];
  const { timeoutSeconds, hasShim } = note;
  const plainRoles = hasPlainRoles(observed);
  const target = { ref, physicalName, functionArn, plainRoles };
  const boundaryArn = decodeSettings(record.settings)?.boundary ?? null;
  const reading = { target, record, timeoutSeconds, hasShim, boundaryArn };
  return driftedBindings(aws, reading, call);
}

async function listVersions(
  lambda: Lambda,
  physicalName: string,
  call: CallContext,
): Promise<readonly FunctionConfiguration[]> {
  const versions: FunctionConfiguration[] = [];
  let marker: string | undefined;
  do {
    const page = await lambda.listVersionsByFunction(
      { FunctionName: physicalName, ...(marker === undefined ? {} : { Marker: marker }) },
      { abortSignal: call.signal },
    );
    versions.push(...(page.Versions ?? []).filter(({ Version }) => Version !== '$LATEST'));
    marker = page.NextMarker;
  } while (marker !== undefined && marker !== '');
  return versions.toSorted((a, b) => Number(a.Version) - Number(b.Version));
}

function describe(
  region: string,
  { ref, physicalName }: Reading,
  found: GetFunctionResponse,
  alias: AliasConfiguration | undefined,
  versions: readonly FunctionConfiguration[] | undefined,
): AwsObserved {
  const configuration = found.Configuration ?? {};
  const tags = found.Tags ?? {};
  const isOwned = tags[TAG.function] !== undefined && tags[TAG.app] !== undefined;
  const isStranger = !isOwnedBy(ref, tags);
  const known = isStranger ? undefined : recordOf(tags);
  const record = known ?? EMPTY_RECORD;
  const unrecorded = isStranger ? undefined : known ? unrecordedIn(tags) : 'calling';
  const note = decodeNote(alias?.Description) ?? null;
  const version = alias?.FunctionVersion;
  const live: AwsObserved['live'] =
    version === undefined
      ? null
      : {
          version,
          revisionId: alias?.RevisionId ?? '',
          // A hand that moved the alias left a description of another version.
          note: note?.version === version ? note : null,
          weights: alias?.RoutingConfig?.AdditionalVersionWeights ?? {},
        };
  const state = Object.entries(tags)
    .filter(([key]) => key.startsWith(TAG.state) || key === TAG.removing)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const standing = standingsOf(versions ?? [], live);
  const noted = (versions ?? []).map((one) => ({
    version: one.Version ?? '',
    note: (one.Version === live?.version ? live?.note : null) ?? noteOf(one),
    needs: readNeeds(one),
    standing: standing.get(one.Version ?? ''),
    raw: one,
  }));
  const described = noted.flatMap(({ raw, note: own, standing: has }) =>
    has === undefined ? [describeVersion(raw, own)] : [],
  );
  return {
    token: digestOf([
      configuration.RevisionId,
      live && [live.version, live.revisionId, live.weights],
      state,
    ]),
    physicalName,
    functionArn: configuration.FunctionArn ?? '',
    isStranger,
    isOwned,
    latest: {
      revisionId: configuration.RevisionId ?? '',
      codeSha256: configuration.CodeSha256 ?? '',
      digest: configuration.Environment?.Variables?.[ENV.digest] ?? null,
      packageType: configuration.PackageType === 'Image' ? 'Image' : 'Zip',
      architecture: architectureOf(configuration),
      sourceKmsKeyArn: found.Code?.SourceKMSKeyArn ?? null,
      roleArn: configuration.Role ?? '',
      config: configOf(configuration),
      reserved: found.Concurrency?.ReservedConcurrentExecutions ?? null,
      tags,
    },
    live,
    versions: noted.map(({ raw: _raw, standing: has, ...one }) => ({
      ...one,
      ...(has === undefined ? {} : { standing: has }),
    })),
    actual: null,
    leftovers: [],
    ...(unrecorded === undefined ? {} : { unrecorded }),
    record,
    description: isStranger
      ? undefined
      : {
          ...ref,
          provider: 'aws',
          region,
          physicalName,
          liveVersion: live?.version ?? null,
          versions: versions
            ? described
            : live?.note
              ? [describeLive(live.version, live.note)]
              : [],
          bindings: record.bindings,
          url: record.url,
        },
  };
}

function unrecordedIn(tags: Readonly<Record<string, string>>): Unrecorded | undefined {
  const value = tags[TAG.remains];
  return value === 'calling' || value === 'silent' ? value : undefined;
}

function standingsOf(
  versions: readonly FunctionConfiguration[],
  live: AwsObserved['live'],
): ReturnType<typeof standings> {
  const published = versions.map(({ Version, Description }) => ({
    version: Version ?? '',
    before: decodeNote(Description)?.newest ?? null,
  }));
  const serving = live === null ? [] : [live.version, ...Object.keys(live.weights)];
  return standings(published, live?.note?.newest ?? null, serving);
}

function readNeeds(raw: FunctionConfiguration): VersionNeeds | null {
  const config = configOf(raw);
  return config && needsOf(config);
}

/** What its description leaves out, a version tells by itself. */
function noteOf({
  Description,
  Version,
  LastModified,
  CodeSha256,
}: FunctionConfiguration): VersionNote | null {
  const note = decodeNote(Description);
  if (!note) return null;
  return {
    ...note,
    version: Version ?? null,
    codeSha256: CodeSha256 ?? note.codeSha256,
    createdAt: timeOf(LastModified) ?? note.createdAt,
  };
}

function describeVersion(raw: FunctionConfiguration, note: VersionNote | null): VersionDescription {
  return {
    version: raw.Version ?? '',
    createdAt: timeOf(raw.LastModified) ?? note?.createdAt ?? EPOCH,
    digest: note?.digest ?? '',
    handles: note?.handles ?? [],
    memoryMb: raw.MemorySize ?? 0,
    timeoutSeconds: raw.Timeout ?? 0,
  };
}

function describeLive(version: string, note: VersionNote): VersionDescription {
  return {
    version,
    createdAt: note.createdAt ?? EPOCH,
    digest: note.digest,
    handles: note.handles,
    memoryMb: note.memoryMb,
    timeoutSeconds: note.timeoutSeconds,
  };
}

const EPOCH = new Date(0).toISOString();

/** Lambda writes `2026-11-20T10:00:00.000+0000`. */
function timeOf(text: string | undefined): string | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

function absent(physicalName: string): AwsObserved {
  return {
    token: 'absent',
    description: undefined,
    physicalName,
    functionArn: '',
    isStranger: false,
    isOwned: false,
    latest: null,
    live: null,
    versions: [],
    actual: null,
    leftovers: [],
    record: EMPTY_RECORD,
  };
}

/** Without its tags a function of ours would look like a stranger's. */
function refuseHiddenTags({ Tags, TagsError }: GetFunctionResponse): void {
  if (Tags !== undefined || TagsError === undefined) return;
  throw new ServerlessError({
    code: 'PERMISSION_DENIED',
    provider: 'aws',
    message: `AWS does not show the function's tags: allow "lambda:ListTags" to the credentials in use. AWS says: ${TagsError.Message ?? ''}`,
  });
}

/** Event source mappings: what reads a queue, a stream or a table's stream, and calls the function. */
import { sameJson, type CallContext, type JsonValue, type StepResult } from 'polyfaas/spi';
import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { AwsClients } from '../clients/index.ts';
import { aliasArn, type Executor, type Target } from '../model.ts';
import { ifThere, isNamed, says, unlessMissing } from './failures.ts';
import { again, done, inputOf } from './steps.ts';
import { isOurs, ownerTags } from './tags.ts';

/** What a mapping is to be. */
export interface MappingWish {
  readonly sourceArn: string;
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** Of streams: where a new mapping begins. An old one goes on where it is. */
  readonly from?: 'latest' | 'oldest';
  /** Of streams: deliveries after the first one. */
  readonly retries?: number;
  /** Of streams: where the position of a batch goes that was given up. */
  readonly deadLetterArn?: string;
}

/** On, or on its way there. */
const ON: ReadonlySet<string | undefined> = new Set([
  'Creating',
  'Enabling',
  'Enabled',
  'Updating',
]);
const STABLE: ReadonlySet<string | undefined> = new Set(['Enabled', 'Disabled']);
const RESPONSES = ['ReportBatchItemFailures'] as const;

/** Makes the mapping, or brings it into line. Does not wait until it works: `settle-mappings` does. */
export const putMapping: Executor = async (aws, step, call) => {
  const { target, mapping } = inputOf<{ mapping: MappingWish }>(step);
  const lambda = await aws.lambda();
  const [found] = await mappingsOf(aws, target, call, mapping.sourceArn);
  if (found === undefined) {
    try {
      const made = await lambda.createEventSourceMapping(
        {
          FunctionName: aliasArn(target),
          EventSourceArn: mapping.sourceArn,
          ...(mapping.from === undefined
            ? {}
            : { StartingPosition: mapping.from === 'latest' ? 'LATEST' : 'TRIM_HORIZON' }),
          ...settingsOf(mapping),
          Tags: ownerTags(target),
        },
        { abortSignal: call.signal },
      );
      return done({ uuids: made.UUID === undefined ? [] : [made.UUID] });
    } catch (error) {
      // Another process, or a call whose answer was lost, made it: the next turn finds it.
      if (isNamed(error, 'ResourceConflictException') && says(error, 'already exists')) {
        return again(call, 'waiting for the mapping to be listed');
      }
      throw error;
    }
  }
  if (!STABLE.has(found.State)) return again(call, `the mapping is ${stateOf(found)}`);
  if (!isAsWished(found, mapping)) {
    await lambda.updateEventSourceMapping(
      { UUID: found.UUID, ...settingsOf(mapping), ...clearing(found, mapping) },
      { abortSignal: call.signal },
    );
  }
  return done({ uuids: [found.UUID ?? ''] });
};

/**
 * Takes the mapping of a source or a table away; where none is named, all that carry our tags. Does not wait until it
 * is gone: `settle-mappings` does.
 */
export const deleteMapping: Executor = async (aws, step, call) => {
  const { target, sourceArn, tableArn } = inputOf<{ sourceArn?: string; tableArn?: string }>(step);
  const namesOne = sourceArn !== undefined || tableArn !== undefined;
  const all = namesOne
    ? await mappingsOf(aws, target, call, sourceArn)
    : await ownMappings(aws, target, call);
  // A table's stream has another ARN each time that it is switched on.
  const doomed = all.filter(
    ({ EventSourceArn = '' }) =>
      tableArn === undefined || EventSourceArn.startsWith(`${tableArn}/stream/`),
  );
  return await deleteAll(aws, doomed, call);
};

/** Deletes mappings; one that is changing just now is waited for. */
export async function deleteAll(
  aws: AwsClients,
  doomed: readonly EventSourceMappingConfiguration[],
  call: CallContext,
): Promise<StepResult> {
  const lambda = await aws.lambda();
  for (const { UUID, State } of doomed) {
    if (State === 'Deleting') continue;
    await unlessMissing(lambda.deleteEventSourceMapping({ UUID }, { abortSignal: call.signal }));
  }
  return done({ uuids: doomed.map(({ UUID }) => UUID ?? '') });
}

/** Waits until every mapping that was touched is on, off or gone. */
export const settleMappings: Executor = async (aws, step, call) => {
  const { uuids } = inputOf<{ uuids: readonly JsonValue[] }>(step);
  const lambda = await aws.lambda();
  for (const uuid of uuids.flat().map(String)) {
    const mapping = await ifThere(
      lambda.getEventSourceMapping({ UUID: uuid }, { abortSignal: call.signal }),
    );
    if (mapping !== undefined && !STABLE.has(mapping.State)) {
      return again(call, `a mapping is ${stateOf(mapping)}`);
    }
  }
  return done();
};

/** The mappings to the alias: all, or those of one source. */
export async function mappingsOf(
  aws: AwsClients,
  target: Target,
  call: CallContext,
  eventSourceArn?: string,
): Promise<readonly EventSourceMappingConfiguration[]> {
  const source = eventSourceArn === undefined ? {} : { EventSourceArn: eventSourceArn };
  return await listMappings(aws, { FunctionName: aliasArn(target), ...source }, call);
}

/** The mappings to the alias that carry our tags; others may be a hand's. */
export async function ownMappings(
  aws: AwsClients,
  target: Target,
  call: CallContext,
  /** Of the rest, nobody is asked for tags. Default: all count. */
  counts: (mapping: EventSourceMappingConfiguration) => boolean = () => true,
): Promise<readonly EventSourceMappingConfiguration[]> {
  const lambda = await aws.lambda();
  const own: EventSourceMappingConfiguration[] = [];
  for (const mapping of (await mappingsOf(aws, target, call)).filter(counts)) {
    const tags = await ifThere(
      lambda.listTags({ Resource: mapping.EventSourceMappingArn }, { abortSignal: call.signal }),
    );
    if (isOurs(target, tags?.Tags)) own.push(mapping);
  }
  return own;
}

/** The mappings of a source, whoever's they are. */
export async function listMappings(
  aws: AwsClients,
  filter: { readonly FunctionName?: string; readonly EventSourceArn?: string },
  call: CallContext,
): Promise<readonly EventSourceMappingConfiguration[]> {
  const lambda = await aws.lambda();
  const found: EventSourceMappingConfiguration[] = [];
  let marker: string | undefined;
  do {
    const page = await ifThere(
      lambda.listEventSourceMappings(
        { ...filter, ...(marker === undefined ? {} : { Marker: marker }) },
        { abortSignal: call.signal },
      ),
    );
    found.push(...(page?.EventSourceMappings ?? []));
    marker = page?.NextMarker === '' ? undefined : page?.NextMarker;
  } while (marker !== undefined);
  return found;
}

function settingsOf(mapping: MappingWish) {
  return {
    Enabled: mapping.enabled,
    BatchSize: mapping.batchSize,
    // FIFO queues know no window, not even one of 0 s.
    ...(mapping.sourceArn.endsWith('.fifo')
      ? {}
      : { MaximumBatchingWindowInSeconds: mapping.windowSeconds }),
    FunctionResponseTypes: [...RESPONSES],
    ...(mapping.retries === undefined ? {} : { MaximumRetryAttempts: mapping.retries }),
    ...(mapping.deadLetterArn === undefined
      ? {}
      : { DestinationConfig: { OnFailure: { Destination: mapping.deadLetterArn } } }),
  };
}

/** What is left out stays; what is empty takes away what was there. */
function clearing(found: EventSourceMappingConfiguration, mapping: MappingWish) {
  const isStream = mapping.retries !== undefined;
  return {
    ...(isStream && mapping.deadLetterArn === undefined
      ? { DestinationConfig: { OnFailure: { Destination: '' } } }
      : {}),
    ...(isFiltered(found) ? { FilterCriteria: {} } : {}),
    ...(isCapped(found) ? { ScalingConfig: {} } : {}),
  };
}

/** A hand's filter: what it does not let through is taken out of a queue, and lost. */
function isFiltered({ FilterCriteria }: EventSourceMappingConfiguration): boolean {
  return (FilterCriteria?.Filters ?? []).length > 0;
}

/** A hand's limit on instances. */
function isCapped({ ScalingConfig }: EventSourceMappingConfiguration): boolean {
  return ScalingConfig?.MaximumConcurrency !== undefined;
}

/**
 * What is wrong with the mapping of a source, or undefined.
 *
 * @param prefix what the ARN of the source begins with, where only the platform knows the rest.
 */
export function mappingDrift(
  mappings: readonly EventSourceMappingConfiguration[],
  { mapping }: { readonly mapping: MappingWish },
  prefix?: string,
): string | undefined {
  const found = mappings.find(({ EventSourceArn = '', State }) =>
    State === 'Deleting'
      ? false
      : prefix === undefined
        ? EventSourceArn === mapping.sourceArn
        : EventSourceArn.startsWith(prefix),
  );
  if (found === undefined) return 'its mapping is gone';
  if (mapping.enabled && !ON.has(found.State)) return `its mapping is ${stateOf(found)}`;
  if (!mapping.enabled && ['Enabling', 'Enabled'].includes(found.State ?? '')) {
    return `its mapping is ${stateOf(found)}`;
  }
  return hasSettings(found, mapping) ? undefined : 'its mapping has other settings';
}

function isAsWished(found: EventSourceMappingConfiguration, mapping: MappingWish): boolean {
  return found.State === (mapping.enabled ? 'Enabled' : 'Disabled') && hasSettings(found, mapping);
}

function hasSettings(found: EventSourceMappingConfiguration, mapping: MappingWish): boolean {
  return (
    !isFiltered(found) &&
    !isCapped(found) &&
    found.BatchSize === mapping.batchSize &&
    (found.MaximumBatchingWindowInSeconds ?? 0) === mapping.windowSeconds &&
    sameJson(found.FunctionResponseTypes ?? [], RESPONSES) &&
    (mapping.retries === undefined || found.MaximumRetryAttempts === mapping.retries) &&
    (found.DestinationConfig?.OnFailure?.Destination ?? '') === (mapping.deadLetterArn ?? '')
  );
}

function stateOf({ State }: EventSourceMappingConfiguration): string {
  return (State ?? 'unknown').toLowerCase();
}

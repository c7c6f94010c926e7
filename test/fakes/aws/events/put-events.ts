/** Events put on a bus by a request. */
import {
  objects,
  optionalNumber,
  optionalText,
  optionalTexts,
  type Input,
} from '../core/operation.ts';
import { AwsFault } from '../core/service.ts';
import { isObject, parsed } from './json.ts';

const MAX_REQUEST_BYTES = 1_048_576;

/** An entry that is fit to go on a bus. */
export interface Entry {
  readonly bus: string | undefined;
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly resources: readonly string[];
  /** Milliseconds since the epoch. */
  readonly time: number | undefined;
}

export interface EntryFailure {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

/** Each entry, or what is wrong with it. The call itself succeeds in either case. */
export function entriesOf(input: Input): readonly (Entry | EntryFailure)[] {
  const entries = objects(input, 'Entries', { min: 1, max: 10 });
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > MAX_REQUEST_BYTES) {
    throw new AwsFault(
      400,
      'ValidationException',
      'Total size of the entries in the request is over the limit.',
    );
  }
  return entries.map(entryOf);
}

function sizeOf(entry: Input): number {
  const texts = [
    optionalText(entry, 'Source'),
    optionalText(entry, 'DetailType'),
    optionalText(entry, 'Detail'),
    ...(optionalTexts(entry, 'Resources') ?? []),
  ];
  const time = entry['Time'] === undefined ? 0 : 14;
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), time);
}

function entryOf(entry: Input): Entry | EntryFailure {
  const missing = ['Source', 'DetailType', 'Detail'].find(
    (name) => (optionalText(entry, name) ?? '') === '',
  );
  if (missing !== undefined) {
    return {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`,
    };
  }
  const source = optionalText(entry, 'Source') ?? '';
  if (source.startsWith('aws.')) {
    return {
      ErrorCode: 'NotAuthorizedForSourceException',
      ErrorMessage: 'Not authorized for the source.',
    };
  }
  const detail = detailOf(optionalText(entry, 'Detail') ?? '');
  if (detail === undefined) {
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  }
  const seconds = optionalNumber(entry, 'Time');
  return {
    bus: optionalText(entry, 'EventBusName', { min: 1, max: 1600 }),
    source,
    detailType: optionalText(entry, 'DetailType') ?? '',
    detail,
    resources: optionalTexts(entry, 'Resources') ?? [],
    time: seconds === undefined ? undefined : seconds * 1000,
  };
}

/** The detail of an event is a JSON object, nothing else. */
export function detailOf(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parsed(text)?.value;
  return isObject(value) ? value : undefined;
}

/** The mark in the record: whoever wrote it last is the one who goes on. */
import type { CallContext, JsonValue } from 'polyfaas/spi';
import { read } from '../arm/calls.ts';
import { textsAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import type { Target } from '../model.ts';
import { API, isOwnedBy } from '../names.ts';
import { EMPTY_RECORD, type FunctionRecord } from '../record.ts';
import { decodeRecord } from '../tags.ts';
import { conflict } from './refusals.ts';

interface PresentRecord {
  /** The function app, as Resource Manager tells it. */
  readonly site: JsonValue;
  readonly tags: Readonly<Record<string, string>>;
  readonly record: FunctionRecord;
}

type Place = Pick<Target, 'ref' | 'siteId'>;

/** @throws ServerlessError CONFLICT when the function app is gone, or no longer this function's. */
export async function presentRecord(
  azure: AzureClients,
  target: Place,
  call: Pick<CallContext, 'signal'>,
): Promise<PresentRecord> {
  const present = await presentIfThere(azure, target, call);
  if (present === undefined) throw conflict(target, 'its function app is gone');
  return present;
}

/**
 * Undefined when the function app is gone.
 *
 * @throws ServerlessError CONFLICT when it is no longer this function's.
 */
export async function recordIfThere(
  azure: AzureClients,
  target: Place,
  call: Pick<CallContext, 'signal'>,
): Promise<FunctionRecord | undefined> {
  return (await presentIfThere(azure, target, call))?.record;
}

async function presentIfThere(
  azure: AzureClients,
  target: Place,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<PresentRecord | undefined> {
  const site = await read(azure, target.siteId, API.web, signal);
  if (site === undefined) return undefined;
  const tags = textsAt(site, 'tags');
  if (!isOwnedBy(target.ref, tags)) throw conflict(target, 'its function app has other tags');
  return { site, tags, record: decodeRecord(tags) ?? EMPTY_RECORD };
}

function isMarkedBy({ next }: FunctionRecord, expected: string | null): boolean {
  return expected === null || next === expected;
}

/** @throws ServerlessError CONFLICT when another operation has marked the record since. */
export function refuseOtherMark(
  target: Target,
  record: FunctionRecord,
  expected: string | null,
): void {
  if (isMarkedBy(record, expected)) return;
  throw conflict(target, 'another operation began after this one, and goes on');
}

/**
 * @param expected null: nothing is looked at.
 * @throws ServerlessError CONFLICT when another operation has marked the record since.
 */
export async function refuseOthers(
  azure: AzureClients,
  target: Target,
  expected: string | null,
  call: Pick<CallContext, 'signal'>,
): Promise<void> {
  if (expected === null) return;
  const { record } = await presentRecord(azure, target, call);
  refuseOtherMark(target, record, expected);
}

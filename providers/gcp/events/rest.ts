/** Calls of Google's APIs, for the executors of event sources. */
import {
  ServerlessError,
  type CallContext,
  type ErrorCode,
  type JsonObject,
  type JsonValue,
} from 'polyfaas/spi';
import { GoogleApiError } from '../clients/error.ts';
import type { GcpClients, RestRequest } from '../clients/index.ts';
import { listAt, objectAt, textAt } from '../clients/json.ts';
import type { Target } from '../model.ts';

type Call = Omit<RestRequest, 'signal'>;

export async function send(
  gcp: GcpClients,
  request: Call,
  { signal }: CallContext,
): Promise<JsonObject> {
  return objectAt(await gcp.rest({ ...request, signal }));
}

/** A resource as it is, or undefined when there is none. */
export async function read(
  gcp: GcpClients,
  request: Omit<Call, 'method'>,
  call: CallContext,
): Promise<JsonObject | undefined> {
  return await unlessMissing(send(gcp, { ...request, method: 'GET' }, call));
}

/** What comes of a call; undefined when it says that there is no such thing. */
export async function unlessMissing<Result>(answer: Promise<Result>): Promise<Result | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

/** All entries of a list, over all of its pages; undefined when what it belongs to is not there. */
export async function readAll(
  gcp: GcpClients,
  request: Omit<Call, 'method'> & {
    /** The field of the answer that holds them. */
    readonly field: string;
  },
  call: CallContext,
): Promise<readonly JsonValue[] | undefined> {
  const { field, query, ...rest } = request;
  const found: JsonValue[] = [];
  let pageToken: string | undefined;
  do {
    const page = await read(
      gcp,
      { ...rest, query: { ...query, ...(pageToken === undefined ? {} : { pageToken }) } },
      call,
    );
    if (page === undefined) return undefined;
    found.push(...listAt(page, field));
    pageToken = textAt(page, 'nextPageToken');
  } while (pageToken !== undefined && pageToken !== '');
  return found;
}

export function isStatus(error: unknown, status: number): error is GoogleApiError {
  return error instanceof GoogleApiError && error.status === status;
}

/** The credentials lack a right; that an API is switched off is something else. */
export function lacksRole(error: unknown): error is GoogleApiError {
  return isStatus(error, 403) && error.reason !== 'SERVICE_DISABLED';
}

export function refusal(
  { ref }: Pick<Target, 'ref'>,
  code: ErrorCode,
  message: string,
): ServerlessError {
  return new ServerlessError({ code, provider: 'gcp', function: ref.name, message });
}

/** Errors of the data planes of Azure Storage: XML with a code, and the code in a header. */
import { randomUUID } from 'node:crypto';
import { escapeXml } from '../../aws/core/xml.ts';
import type { WireReply } from '../core/ports.ts';
import type { PlaneRequest } from '../core/service.ts';

export class StorageFault extends Error {
  readonly status: number;
  readonly code: string;
  /** Further elements of the error: `HeaderName`. */
  readonly details: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    extra: {
      readonly details?: Readonly<Record<string, string>>;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message);
    this.name = code;
    this.status = status;
    this.code = code;
    this.details = extra.details ?? {};
    this.headers = extra.headers ?? {};
  }
}

export const containerNotFound = (): StorageFault =>
  new StorageFault(404, 'ContainerNotFound', 'The specified container does not exist.');

export const blobNotFound = (): StorageFault =>
  new StorageFault(404, 'BlobNotFound', 'The specified blob does not exist.');

export const queueNotFound = (): StorageFault =>
  new StorageFault(404, 'QueueNotFound', 'The specified queue does not exist.');

export const permissionMismatch = (): StorageFault =>
  new StorageFault(
    403,
    'AuthorizationPermissionMismatch',
    'This request is not authorized to perform this operation using this permission.',
  );

export function authenticationFailed(detail: string): StorageFault {
  return new StorageFault(
    403,
    'AuthenticationFailed',
    'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.',
    { details: { AuthenticationErrorDetail: detail } },
  );
}

export function missingHeader(name: string): StorageFault {
  return new StorageFault(
    400,
    'MissingRequiredHeader',
    "An HTTP header that's mandatory for this request is not specified.",
    { details: { HeaderName: name } },
  );
}

export function invalidHeader(name: string, value: string): StorageFault {
  return new StorageFault(
    400,
    'InvalidHeaderValue',
    'The value for one of the HTTP headers is not in the correct format.',
    { details: { HeaderName: name, HeaderValue: value } },
  );
}

export function invalidQuery(name: string, value: string, reason?: string): StorageFault {
  return new StorageFault(
    400,
    'InvalidQueryParameterValue',
    'Value for one of the query parameters specified in the request URI is invalid.',
    {
      details: {
        QueryParameterName: name,
        QueryParameterValue: value,
        ...(reason !== undefined && { Reason: reason }),
      },
    },
  );
}

export function missingQuery(name: string): StorageFault {
  return new StorageFault(
    400,
    'MissingRequiredQueryParameter',
    "A query parameter that's mandatory for this request is not specified.",
    { details: { QueryParameterName: name } },
  );
}

export function outOfRange(name: string, value: string, least: number, most: number): StorageFault {
  return new StorageFault(
    400,
    'OutOfRangeQueryParameterValue',
    'One of the query parameters specified in the request URI is outside the permissible range.',
    {
      details: {
        QueryParameterName: name,
        QueryParameterValue: value,
        MinimumAllowed: String(least),
        MaximumAllowed: String(most),
      },
    },
  );
}

/** Answers a request of a data plane, faults as the service words them. */
export async function answer(
  request: PlaneRequest,
  now: number,
  act: () => Promise<WireReply> | WireReply,
): Promise<WireReply> {
  const id = randomUUID();
  const common = {
    server: 'Windows-Azure-Storage/1.0',
    'x-ms-request-id': id,
    'x-ms-version': request.headers['x-ms-version'] ?? '2021-12-02',
    date: new Date(now).toUTCString(),
    ...(request.headers['x-ms-client-request-id'] !== undefined && {
      'x-ms-client-request-id': request.headers['x-ms-client-request-id'],
    }),
  };
  try {
    const reply = await act();
    return { ...reply, headers: { ...common, ...reply.headers } };
  } catch (error) {
    const fault =
      error instanceof StorageFault
        ? error
        : new StorageFault(500, 'InternalError', `The fake failed: ${textOf(error)}`);
    const headers = { ...common, ...fault.headers, 'x-ms-error-code': fault.code };
    if (request.method === 'HEAD' || fault.status === 304) return { status: fault.status, headers };
    const message = `${fault.message}\nRequestId:${id}\nTime:${new Date(now).toISOString()}`;
    const details = Object.entries(fault.details)
      .map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
      .join('');
    return {
      status: fault.status,
      headers: { ...headers, 'content-type': 'application/xml' },
      body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${fault.code}</Code><Message>${escapeXml(message)}</Message>${details}</Error>`,
    };
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

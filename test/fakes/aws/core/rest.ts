/** Services that speak REST with JSON bodies: Lambda, EventBridge Scheduler, API Gateway. */
import { enforce, faultOf, type Denial } from './access.ts';
import { isObject, type Input, type OperationCall } from './operation.ts';
import { requestId } from './request-id.ts';
import { AwsFault, type Service, type WireReply, type WireRequest } from './service.ts';

export interface RestInput {
  /** The labels of the path, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON body; `{}` when it is empty. Reading it throws SerializationException when it is no JSON object. */
  readonly body: Input;
  readonly raw: Buffer;
}

export interface RestOutput {
  /** Default: 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object goes out as JSON, all else as it is. */
  readonly body?: object | string | Buffer;
}

export interface RestRoute {
  readonly method: string;
  /** `/2015-03-31/functions/{name}/versions`; `{rest+}` takes all that is left. A slash at the end means nothing. */
  readonly path: string;
  readonly operation: string;
  run(input: RestInput, call: OperationCall): RestOutput | Promise<RestOutput>;
  /** The IAM action. Default: `id:Operation`. */
  readonly action?: string | ((input: RestInput) => string);
  /** The ARN that the action is on. Default: `*`. */
  readonly resource?: (input: RestInput, call: OperationCall) => string;
}

export interface RestServiceOptions {
  /** The signing name. */
  readonly id: string;
  readonly routes: readonly RestRoute[];
  readonly inventory: () => readonly string[];
  /** Default: 403 AccessDeniedException. */
  readonly denied?: Denial;
  readonly stop?: () => Promise<void>;
}

/** The route that a request takes, and its labels. */
export interface RestMatch {
  readonly route: RestRoute;
  readonly params: Readonly<Record<string, string>>;
}

/** A REST service also tells which operation a request asks for. */
export interface RestService extends Service {
  match(method: string, path: string): RestMatch | undefined;
}

/** Makes a service out of its routes. */
export function restService(options: RestServiceOptions): RestService {
  const routes = options.routes
    .map((route) => ({ route, segments: split(route.path) }))
    .sort((one, other) => precedence(one.segments, other.segments));

  function match(method: string, path: string): RestMatch | undefined {
    const given = split(path);
    for (const { route, segments } of routes) {
      const params = route.method === method ? labels(segments, given) : undefined;
      if (params) return { route, params };
    }
    return undefined;
  }

  async function answer(request: WireRequest): Promise<RestOutput> {
    const found = match(request.method, request.path);
    if (!found) {
      throw new AwsFault(
        404,
        'UnknownOperationException',
        `No operation ${request.method} ${request.path}`,
      );
    }
    const { route } = found;
    const call: OperationCall = { caller: request.caller, region: request.region, request };
    const input: RestInput = {
      params: found.params,
      query: request.query,
      headers: request.headers,
      raw: request.body,
      get body() {
        return parse(request.body);
      },
    };
    if (request.caller.kind === 'role') {
      const action = typeof route.action === 'function' ? route.action(input) : route.action;
      enforce(
        request,
        action ?? `${options.id}:${route.operation}`,
        route.resource?.(input, call) ?? '*',
        options.denied ?? { status: 403, code: 'AccessDeniedException' },
      );
    }
    return route.run(input, call);
  }

  return {
    id: options.id,
    inventory: options.inventory,
    ...(options.stop && { stop: options.stop }),
    match,
    operationOf: (request) => match(request.method, request.path)?.route.operation,
    async handle(request): Promise<WireReply> {
      try {
        return restReply(await answer(request));
      } catch (error) {
        return restFault(faultOf(error));
      }
    },
  };
}

/** An output on the wire. */
export function restReply(output: RestOutput): WireReply {
  const { body } = output;
  const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
  return {
    status: output.status ?? 200,
    headers: {
      'x-amzn-requestid': requestId(),
      ...(isJson && { 'content-type': 'application/json' }),
      ...output.headers,
    },
    ...(body !== undefined && { body: isJson ? JSON.stringify(body) : body }),
  };
}

/** A fault on the wire. */
export function restFault(fault: AwsFault): WireReply {
  return {
    status: fault.status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId(),
      'x-amzn-errortype': fault.code,
      ...fault.headers,
    },
    body: JSON.stringify({ message: fault.message, ...fault.fields }),
  };
}

function split(path: string): readonly string[] {
  return path
    .split('/')
    .filter((part, index, all) => index > 0 && (part !== '' || index < all.length - 1));
}

/** Literal segments go before labels, and labels before greedy ones. */
function precedence(one: readonly string[], other: readonly string[]): number {
  for (let index = 0; index < Math.min(one.length, other.length); index += 1) {
    const difference = weight(one[index]) - weight(other[index]);
    if (difference !== 0) return difference;
  }
  return other.length - one.length;
}

function weight(segment = ''): number {
  if (!segment.startsWith('{')) return 0;
  return segment.endsWith('+}') ? 2 : 1;
}

function labels(
  template: readonly string[],
  given: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const params: Record<string, string> = {};
  for (const [index, segment] of template.entries()) {
    if (segment.endsWith('+}')) {
      const rest = given.slice(index);
      if (rest.length === 0) return undefined;
      params[segment.slice(1, -2)] = rest.map(decode).join('/');
      return params;
    }
    const value = given[index];
    if (value === undefined) return undefined;
    if (segment.startsWith('{')) {
      if (value === '') return undefined;
      params[segment.slice(1, -1)] = decode(value);
    } else if (segment !== value) {
      return undefined;
    }
  }
  return given.length === template.length ? params : undefined;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new AwsFault(400, 'BadRequestException', `The path has a bad escape: ${segment}`);
  }
}

function parse(raw: Buffer): Input {
  if (raw.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(raw.toString('utf8'));
  } catch {
    throw new AwsFault(400, 'SerializationException', 'The body is no JSON');
  }
  if (!isObject(value))
    throw new AwsFault(400, 'SerializationException', 'Start of structure expected');
  return value;
}

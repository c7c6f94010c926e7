/** Services that speak AWS JSON 1.0 or 1.1: one POST path, and the operation in `x-amz-target`. */
import { enforce, faultOf, type Denial } from './access.ts';
import { isObject, type Input, type OperationCall } from './operation.ts';
import { requestId } from './request-id.ts';
import { AwsFault, type Service, type WireReply, type WireRequest } from './service.ts';

export type JsonOperation = (input: Input, call: OperationCall) => object | Promise<object>;

export interface JsonServiceOptions {
  /** The signing name. */
  readonly id: string;
  /** What stands before the dot in `x-amz-target`. */
  readonly targetPrefix: string;
  readonly version: '1.0' | '1.1';
  readonly operations: Readonly<Record<string, JsonOperation>>;
  readonly inventory: () => readonly string[];
  /** The IAM action of an operation; undefined when everyone may. Default: `id:Operation`. */
  readonly action?: (operation: string) => string | undefined;
  /** The ARN that the action is on. Default: `*`. */
  readonly resource?: (operation: string, input: Input, call: OperationCall) => string;
  /** Stands before the code in `__type`, as in `com.amazonaws.sqs#QueueDoesNotExist`. Default: nothing. */
  readonly errorPrefix?: string;
  /** Default: 400 AccessDeniedException. */
  readonly denied?: Denial;
  readonly stop?: () => Promise<void>;
}

/** The operation that a request asks for, or undefined when its target is another service's. */
export function jsonOperationOf(request: WireRequest): string | undefined {
  return request.headers['x-amz-target']?.split('.').at(-1);
}

/** Makes a service out of its operations. */
export function jsonService(options: JsonServiceOptions): Service {
  const contentType = `application/x-amz-json-${options.version}`;
  const errorPrefix = options.errorPrefix ?? (options.id === 'sqs' ? 'com.amazonaws.sqs#' : '');

  async function answer(request: WireRequest): Promise<object> {
    if (request.headers['content-type'] !== contentType) {
      throw new AwsFault(404, 'UnknownOperationException', `The service speaks ${contentType}`);
    }
    const [prefix, name = ''] = (request.headers['x-amz-target'] ?? '').split('.');
    const run = Object.hasOwn(options.operations, name) ? options.operations[name] : undefined;
    if (prefix !== options.targetPrefix || !run) {
      throw new AwsFault(400, 'UnknownOperationException', `No operation ${prefix}.${name}`);
    }
    const input = parse(request.body);
    const call: OperationCall = { caller: request.caller, region: request.region, request };
    if (request.caller.kind === 'role') {
      enforce(
        request,
        options.action ? options.action(name) : `${options.id}:${name}`,
        options.resource?.(name, input, call) ?? '*',
        options.denied ?? { status: 400, code: 'AccessDeniedException' },
      );
    }
    return run(input, call);
  }

  return {
    id: options.id,
    inventory: options.inventory,
    operationOf: jsonOperationOf,
    ...(options.stop && { stop: options.stop }),
    async handle(request): Promise<WireReply> {
      const headers = { 'content-type': contentType, 'x-amzn-requestid': requestId() };
      try {
        return { status: 200, headers, body: JSON.stringify(await answer(request)) };
      } catch (error) {
        return jsonFault(faultOf(error), options.version, errorPrefix);
      }
    },
  };
}

/** A fault on the wire. */
export function jsonFault(fault: AwsFault, version: '1.0' | '1.1', prefix = ''): WireReply {
  const type = `${prefix}${fault.code}`;
  return {
    status: fault.status,
    headers: {
      'content-type': `application/x-amz-json-${version}`,
      'x-amzn-requestid': requestId(),
      'x-amzn-errortype': type,
      ...fault.headers,
    },
    body: JSON.stringify({ __type: type, message: fault.message, ...fault.fields }),
  };
}

function parse(body: Buffer): Input {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new AwsFault(400, 'SerializationException', 'The body is no JSON');
  }
  if (!isObject(value))
    throw new AwsFault(400, 'SerializationException', 'Start of structure expected');
  return value;
}

/** Services that speak the query protocol: a form goes in, XML comes out. IAM, STS, SNS. */
import { enforce, faultOf, type Denial } from './access.ts';
import { isObject, markTextual, type Input, type OperationCall } from './operation.ts';
import { requestId } from './request-id.ts';
import { AwsFault, type Service, type WireReply, type WireRequest } from './service.ts';
import { escapeXml } from './xml.ts';

export type QueryOperation = (input: Input, call: OperationCall) => object | Promise<object>;

export interface QueryServiceOptions {
  /** The signing name. */
  readonly id: string;
  /** `https://iam.amazonaws.com/doc/2010-05-08/`; the date in it is the version that a request must name. */
  readonly namespace: string;
  /**
   * Inputs have texts at all leaves (the decoders turn them into numbers and flags); `A.member.1` is a list,
   * `A.entry.1.key` (or `.Name`) a record. In outputs an array is a list, a Map a map, a Date a time.
   */
  readonly operations: Readonly<Record<string, QueryOperation>>;
  readonly inventory: () => readonly string[];
  /** The IAM action of an operation; undefined when everyone may. Default: `id:Operation`. */
  readonly action?: (operation: string) => string | undefined;
  /** The ARN that the action is on. Default: `*`. */
  readonly resource?: (operation: string, input: Input, call: OperationCall) => string;
  /** Default: 403 AccessDenied; SNS says AuthorizationError. */
  readonly denied?: Denial;
  readonly stop?: () => Promise<void>;
}

/** The operation that a request asks for. */
export function queryOperationOf(request: WireRequest): string | undefined {
  return new URLSearchParams(request.body.toString('utf8')).get('Action') ?? undefined;
}

/** Makes a service out of its operations. */
export function queryService(options: QueryServiceOptions): Service {
  const version = /\d{4}-\d\d-\d\d/.exec(options.namespace)?.[0] ?? '';
  const denied = options.denied ?? {
    status: 403,
    code: options.id === 'sns' ? 'AuthorizationError' : 'AccessDenied',
  };

  async function answer(request: WireRequest): Promise<string> {
    const form = new URLSearchParams(request.body.toString('utf8'));
    const name = form.get('Action') ?? '';
    const run = Object.hasOwn(options.operations, name) ? options.operations[name] : undefined;
    if (!run || form.get('Version') !== version) {
      throw new AwsFault(
        400,
        'InvalidAction',
        `Could not find operation ${name} for version ${form.get('Version') ?? 'NO_VERSION_SPECIFIED'}`,
      );
    }
    const input = readForm(form);
    const call: OperationCall = { caller: request.caller, region: request.region, request };
    if (request.caller.kind === 'role') {
      enforce(
        request,
        options.action ? options.action(name) : `${options.id}:${name}`,
        options.resource?.(name, input, call) ?? '*',
        denied,
      );
    }
    const output = await run(input, call);
    const result = Object.keys(output).length > 0 ? element(`${name}Result`, output) : '';
    const metadata = element('ResponseMetadata', { RequestId: requestId() });
    return `<${name}Response xmlns="${options.namespace}">${result}${metadata}</${name}Response>`;
  }

  return {
    id: options.id,
    inventory: options.inventory,
    operationOf: queryOperationOf,
    ...(options.stop && { stop: options.stop }),
    async handle(request): Promise<WireReply> {
      try {
        const body = await answer(request);
        return { status: 200, headers: { 'content-type': 'text/xml' }, body };
      } catch (error) {
        return queryFault(faultOf(error), options.namespace);
      }
    },
  };
}

/** A fault on the wire. */
export function queryFault(fault: AwsFault, namespace: string): WireReply {
  const error = {
    Type: fault.status >= 500 ? 'Receiver' : 'Sender',
    Code: fault.code,
    Message: fault.message,
    ...fault.fields,
  };
  const id = element('RequestId', requestId());
  return {
    status: fault.status,
    headers: { 'content-type': 'text/xml', ...fault.headers },
    body: `<ErrorResponse xmlns="${namespace}">${element('Error', error)}${id}</ErrorResponse>`,
  };
}

function element(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  return `<${name}>${content(value)}</${name}>`;
}

function content(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((member) => element('member', member)).join('');
  if (value instanceof Map) {
    return [...value].map(([key, member]) => element('entry', { key, value: member })).join('');
  }
  if (isObject(value)) {
    return Object.entries(value)
      .map(([name, member]) => element(name, member))
      .join('');
  }
  return escapeXml(String(value));
}

type Tree = Map<string, Tree | string>;

/** The input that a form holds. */
export function readForm(form: URLSearchParams): Input {
  const root: Tree = new Map();
  for (const [path, value] of form) {
    if (path === 'Action' || path === 'Version') continue;
    const parts = path.split('.');
    const leaf = parts.pop() ?? '';
    let node = root;
    for (const part of parts) {
      const next = node.get(part);
      const deeper: Tree = next instanceof Map ? next : new Map();
      node.set(part, deeper);
      node = deeper;
    }
    node.set(leaf, value);
  }
  return structure(root);
}

function structure(tree: Tree): Input {
  const found: Record<string, unknown> = {};
  for (const [name, value] of tree) found[name] = plain(value);
  markTextual(found);
  return found;
}

function plain(value: Tree | string): unknown {
  if (typeof value === 'string') return value;
  const members = value.get('member');
  if (value.size === 1 && members instanceof Map) return inOrder(members).map(plain);
  const entries = value.get('entry');
  if (value.size === 1 && entries instanceof Map) {
    const record: Record<string, unknown> = {};
    for (const entry of inOrder(entries)) {
      if (typeof entry === 'string') continue;
      const key = entry.get('key') ?? entry.get('Name');
      const held = entry.get('value') ?? entry.get('Value') ?? '';
      if (typeof key === 'string') record[key] = plain(held);
    }
    markTextual(record);
    return record;
  }
  return structure(value);
}

function inOrder(tree: Tree): readonly (Tree | string)[] {
  return [...tree]
    .toSorted(([one], [other]) => Number(one) - Number(other))
    .map(([, value]) => value);
}

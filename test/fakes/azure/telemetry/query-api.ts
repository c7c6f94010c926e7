/** The query API of Log Analytics: `POST /v1/workspaces/{customerId}/query`. */
import { isMap } from '../core/json.ts';
import type { WireReply, World } from '../core/ports.ts';
import type { PlaneRequest } from '../core/service.ts';
import { queryError } from './api-errors.ts';
import { toText } from './kql/conversions.ts';
import { runQuery } from './kql/run.ts';
import {
  dateText,
  KqlSemanticError,
  KqlSyntaxError,
  type ScalarType,
  type Table,
  type Value,
} from './kql/values.ts';
import { windowOf, type Window } from './time-window.ts';
import type { Workspace, Workspaces } from './workspaces.ts';

const ALL_TIME: Window = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
/** Whoever may read a workspace: Log Analytics Reader and Contributor, Monitoring Reader and Contributor, Reader, Contributor, Owner. */
const READERS = [
  '73c42c96-874c-492b-b04d-ab87d138a893',
  '92aaf0da-9dab-42b6-94a3-d43ce8d16293',
  '43d0d8ad-25c7-4714-9337-8ba259a9fe05',
  '749f88d5-cbae-40b8-bcfc-e573ddc772fa',
  'acdd72a7-3385-48ef-bd42-f606fba81ae7',
  'b24988ac-6180-42a0-ab88-20f7382dd24c',
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
];
const BAD_PROPERTIES = 'The request had some invalid properties';

export function answerQuery(
  world: World,
  workspaces: Workspaces,
  request: PlaneRequest,
): WireReply {
  const { caller } = request;
  if (!caller) {
    return request.headers['authorization'] === undefined
      ? queryError(401, 'AuthorizationRequiredError', 'Valid authentication was not provided')
      : queryError(
          401,
          'InvalidTokenError',
          'The provided authentication is not valid for this resource',
        );
  }
  const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
  const match = /^\/v1\/workspaces\/([^/]+)\/query\/?$/i.exec(pathname);
  if (!match || !['GET', 'POST'].includes(request.method))
    return queryError(404, 'PathNotFoundError', 'The requested path does not exist');
  const workspace = workspaces.byCustomerId(match[1] ?? '');
  if (!workspace)
    return queryError(
      404,
      'WorkspaceNotFoundError',
      `The workspace could not be found: ${match[1]}`,
    );
  if (!world.roles.allows(caller, workspace.id, READERS))
    return queryError(
      403,
      'InsufficientAccessError',
      'The provided credentials have insufficient access to perform the requested operation',
    );
  const wish = request.method === 'POST' ? bodyOf(request) : Object.fromEntries(searchParams);
  return wish
    ? answer(world, workspace, wish)
    : queryError(400, 'BadArgumentError', BAD_PROPERTIES, {
        code: 'InvalidJsonBody',
        message: 'The request body is not valid JSON.',
      });
}

function bodyOf({ body, headers }: PlaneRequest): Readonly<Record<string, unknown>> | undefined {
  if (!/\bjson\b/i.test(headers['content-type'] ?? '')) return undefined;
  try {
    const json: unknown = JSON.parse(body.toString());
    return isMap(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function answer(
  { clock }: World,
  workspace: Workspace,
  { query, timespan }: Readonly<Record<string, unknown>>,
): WireReply {
  if (typeof query !== 'string' || query.trim() === '')
    return queryError(400, 'BadArgumentError', BAD_PROPERTIES, {
      code: 'QueryValidationError',
      message: 'The query parameter is missing or empty.',
    });
  const now = clock.now();
  const window =
    timespan === undefined || timespan === null || timespan === ''
      ? ALL_TIME
      : windowOf(timespan, now);
  if (!window)
    return queryError(400, 'BadArgumentError', BAD_PROPERTIES, {
      code: 'InvalidTimespan',
      message: 'The timespan is not a valid ISO 8601 time interval.',
    });
  try {
    const tables = workspace.data.tables(now, window);
    return { status: 200, body: { tables: [shown(runQuery(query, { tables, now }))] } };
  } catch (error) {
    return refused(error);
  }
}

function refused(error: unknown): WireReply {
  if (error instanceof KqlSyntaxError) {
    const { message, line, position, token } = error;
    return queryError(400, 'BadArgumentError', BAD_PROPERTIES, {
      code: 'SyntaxError',
      message: 'A recognition error occurred in the query.',
      innererror: { code: 'SYN0002', message, line, pos: position, token },
    });
  }
  if (!(error instanceof KqlSemanticError)) throw error;
  return queryError(400, 'BadArgumentError', BAD_PROPERTIES, {
    code: 'SemanticError',
    message: 'A semantic error occurred.',
    innererror: { code: error.code, message: error.message },
  });
}

function shown({ columns, rows }: Table): object {
  return {
    name: 'PrimaryResult',
    columns: columns.map(({ name, type }) => ({ name, type })),
    rows: rows.map((row) => columns.map(({ type }, at) => cellOf(row[at] ?? null, type))),
  };
}

/** Dynamic values come as texts, and numbers that JSON has not, too. */
function cellOf(value: Value, type: ScalarType): Value {
  if (value === null) return null;
  if (type === 'datetime' && typeof value === 'number') return dateText(value);
  if (type === 'timespan') return toText(value, type);
  if (type === 'dynamic') return typeof value === 'string' ? value : JSON.stringify(value);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

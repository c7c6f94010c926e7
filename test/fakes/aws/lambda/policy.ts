/** Resource policies: who may invoke, through what. */
import { randomUUID } from 'node:crypto';
import { optionalFlag, optionalText, text, type Input } from '../core/operation.ts';
import type { InvokeSource } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import type { RestInput, RestOutput, RestRoute } from '../core/rest.ts';
import { conflict, invalidParameter, notFound, preconditionFailed } from './faults.ts';
import { found, resource } from './functions.ts';
import { functionArn } from './names.ts';
import type { FunctionState, LambdaState, PolicyStatement } from './state.ts';

/** Of the whole policy (AWS Lambda quotas). */
const POLICY_BYTES = 20_480;
const STATEMENT_ID = /[a-zA-Z0-9-_]+/;
const SOURCE_ARN = /arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9-])+:([a-z]{2}(-[a-z]+)+-\d)?:(\d{12})?:(.*)/;

/** Whether a statement of the qualifier's policy lets a service invoke on behalf of a source. */
export function sourceMayInvoke(
  fn: FunctionState,
  qualifier: string | undefined,
  source: InvokeSource,
  account: string,
): boolean {
  const statements = fn.policies.get(qualifier ?? '')?.statements ?? [];
  return statements.some(
    (statement) =>
      isAction(statement, 'lambda:InvokeFunction') &&
      isPrincipal(statement, source.principal) &&
      allConditions(statement, {
        'AWS:SourceArn': source.sourceArn,
        'AWS:SourceAccount': source.sourceAccount ?? (source.sourceArn.split(':')[4] || account),
      }),
  );
}

/** Calls through a URL without authentication need both actions for everyone. */
export function urlMayInvoke(fn: FunctionState, qualifier: string | undefined): boolean {
  const statements = fn.policies.get(qualifier ?? '')?.statements ?? [];
  const context = { 'lambda:FunctionUrlAuthType': 'NONE', 'lambda:InvokedViaFunctionUrl': 'true' };
  return ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'].every((action) =>
    statements.some(
      (statement) =>
        isAction(statement, action) &&
        statement.Principal === '*' &&
        allConditions(statement, context),
    ),
  );
}

function isAction(statement: PolicyStatement, action: string): boolean {
  return [action, 'lambda:*', '*'].includes(statement.Action);
}

function isPrincipal(statement: PolicyStatement, service: string): boolean {
  const { Principal } = statement;
  if (typeof Principal === 'string') return Principal === '*';
  return 'Service' in Principal && Principal.Service === service;
}

function allConditions(
  statement: PolicyStatement,
  context: Readonly<Record<string, string>>,
): boolean {
  return Object.values(statement.Condition ?? {}).every((condition) =>
    Object.entries(condition).every(([key, wanted]) => {
      const value = context[key];
      return value !== undefined && pattern(wanted).test(value);
    }),
  );
}

/** `*` and `?` as in an ARN. */
function pattern(wanted: string): RegExp {
  const escaped = wanted.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}

function principalOf(given: string): PolicyStatement['Principal'] {
  if (given === '*') return '*';
  if (/^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com$/.test(given)) return { Service: given };
  if (/^\d{12}$/.test(given)) return { AWS: `arn:aws:iam::${given}:root` };
  if (/^arn:aws:(iam|sts)::\d{12}:/.test(given)) return { AWS: given };
  throw invalidParameter(
    'The provided principal was invalid. Please check the principal and try again.',
  );
}

function conditionOf(body: Input): NonNullable<PolicyStatement['Condition']> {
  const sourceArn = optionalText(body, 'SourceArn', { pattern: SOURCE_ARN });
  const sourceAccount = optionalText(body, 'SourceAccount', { pattern: /\d{12}/ });
  const authType = optionalText(body, 'FunctionUrlAuthType', { oneOf: ['NONE', 'AWS_IAM'] });
  const viaUrl = optionalFlag(body, 'InvokedViaFunctionUrl');
  const equals = {
    ...(sourceAccount !== undefined && { 'AWS:SourceAccount': sourceAccount }),
    ...(authType !== undefined && { 'lambda:FunctionUrlAuthType': authType }),
  };
  return {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(viaUrl !== undefined && { Bool: { 'lambda:InvokedViaFunctionUrl': String(viaUrl) } }),
    ...(sourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': sourceArn } }),
  };
}

function add(state: LambdaState, input: RestInput): RestOutput {
  const { body } = input;
  const { fn, qualifier } = found(state, input);
  const id = text(body, 'StatementId', { min: 1, max: 100, pattern: STATEMENT_ID });
  const action = text(body, 'Action', { pattern: /lambda:[*]|lambda:[a-zA-Z]+|[*]/ });
  const principal = principalOf(text(body, 'Principal', { pattern: /[^\s]+/ }));
  if (qualifier === '$LATEST') {
    throw invalidParameter('We currently do not support adding policies for $LATEST.');
  }
  state.check({ fn, ...(qualifier !== undefined && { qualifier }) });
  const before = fn.policies.get(qualifier ?? '');
  checkRevision(before?.revisionId, optionalText(body, 'RevisionId'));
  if (body['FunctionUrlAuthType'] !== undefined && action !== 'lambda:InvokeFunctionUrl') {
    throw invalidParameter(
      'FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action',
    );
  }
  if (body['InvokedViaFunctionUrl'] !== undefined && action !== 'lambda:InvokeFunction') {
    throw invalidParameter(
      'InvokedViaFunctionUrl is only supported for lambda:InvokeFunction action',
    );
  }
  if (before?.statements.some((statement) => statement.Sid === id)) {
    throw conflict(
      `The statement id (${id}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
    );
  }
  const condition = conditionOf(body);
  const statement: PolicyStatement = {
    Sid: id,
    Effect: 'Allow',
    Principal: principal,
    Action: action,
    Resource: functionArn(state.world, fn.name, qualifier),
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
  const statements = [...(before?.statements ?? []), statement];
  const size = Buffer.byteLength(document(statements));
  if (size > POLICY_BYTES) {
    throw new AwsFault(
      400,
      'PolicyLengthExceededException',
      `The final policy size (${size}) is bigger than the limit (${POLICY_BYTES}).`,
    );
  }
  fn.policies.set(qualifier ?? '', { statements, revisionId: randomUUID() });
  return { status: 201, body: { Statement: JSON.stringify(statement) } };
}

function remove(state: LambdaState, input: RestInput): RestOutput {
  const { fn, qualifier } = found(state, input);
  const id = input.params['statement'] ?? '';
  const policy = fn.policies.get(qualifier ?? '');
  if (!policy) throw notFound('No policy is associated with the given resource.');
  checkRevision(policy.revisionId, input.query.get('RevisionId') ?? undefined);
  const statements = policy.statements.filter((statement) => statement.Sid !== id);
  if (statements.length === policy.statements.length) {
    throw notFound(`Statement ${id} is not found in resource policy.`);
  }
  if (statements.length === 0) fn.policies.delete(qualifier ?? '');
  else fn.policies.set(qualifier ?? '', { statements, revisionId: randomUUID() });
  return { status: 204 };
}

function checkRevision(current: string | undefined, wanted: string | undefined): void {
  if (wanted !== undefined && wanted !== current) throw preconditionFailed('policy');
}

function document(statements: readonly PolicyStatement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: statements });
}

export function policyRoutes(state: LambdaState): readonly RestRoute[] {
  const path = '/2015-03-31/functions/{name}/policy';
  const one = { resource: resource(state) };
  return [
    {
      method: 'POST',
      path,
      operation: 'AddPermission',
      ...one,
      run: (input) => add(state, input),
    },
    {
      method: 'GET',
      path,
      operation: 'GetPolicy',
      ...one,
      run(input) {
        const { fn, qualifier } = found(state, input);
        const policy = fn.policies.get(qualifier ?? '');
        if (!policy) throw notFound('The resource you requested does not exist.');
        return { body: { Policy: document(policy.statements), RevisionId: policy.revisionId } };
      },
    },
    {
      method: 'DELETE',
      path: `${path}/{statement}`,
      operation: 'RemovePermission',
      ...one,
      run: (input) => remove(state, input),
    },
  ];
}

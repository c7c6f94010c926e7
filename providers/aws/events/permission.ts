/**
 * Statements of the alias's own policy: who may call the function. Their ids follow from their content, so a statement
 * that is there is the right one.
 */
import type { CallContext } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import { LIVE, type Target } from '../model.ts';
import { isNamed, says, unlessMissing } from './failures.ts';
import { STATEMENT_PREFIX } from './names.ts';

/** Lets one source of one service call the function. */
export interface Grant {
  readonly id: string;
  /** `sns.amazonaws.com` */
  readonly principal: string;
  readonly sourceArn: string;
  /** Needed where the ARN does not tell the account, as with buckets. */
  readonly sourceAccount?: string;
}

/** The two statements that a public function URL needs. */
export const URL_STATEMENTS = [`${STATEMENT_PREFIX}url`, `${STATEMENT_PREFIX}url-invoke`] as const;

export function allow(
  aws: AwsClients,
  target: Target,
  grant: Grant,
  call: CallContext,
): Promise<void> {
  return add(
    aws,
    target,
    {
      StatementId: grant.id,
      Action: 'lambda:InvokeFunction',
      Principal: grant.principal,
      SourceArn: grant.sourceArn,
      ...(grant.sourceAccount === undefined ? {} : { SourceAccount: grant.sourceAccount }),
    },
    call,
  );
}

/**
 * Lets everybody call the function's URL. Without either of the two statements each request is answered 403 (Lambda
 * developer guide, "Control access to Lambda function URLs", since October 2025).
 */
export async function allowUrl(aws: AwsClients, target: Target, call: CallContext): Promise<void> {
  const [url, invoke] = URL_STATEMENTS;
  await add(
    aws,
    target,
    {
      StatementId: url,
      Action: 'lambda:InvokeFunctionUrl',
      Principal: '*',
      FunctionUrlAuthType: 'NONE',
    },
    call,
  );
  await add(
    aws,
    target,
    {
      StatementId: invoke,
      Action: 'lambda:InvokeFunction',
      Principal: '*',
      InvokedViaFunctionUrl: true,
    },
    call,
  );
}

/** Takes a statement away. One that is not there is no error. */
export async function disallow(
  aws: AwsClients,
  target: Target,
  statementId: string,
  call: CallContext,
): Promise<void> {
  const lambda = await aws.lambda();
  await unlessMissing(
    lambda.removePermission(
      { FunctionName: target.physicalName, Qualifier: LIVE, StatementId: statementId },
      { abortSignal: call.signal },
    ),
  );
}

/** One statement of ours, as the policy holds it. */
export interface Granted {
  readonly id: string;
  readonly sourceArn: string | undefined;
}

/** All statements of ours on the alias. */
export async function granted(
  aws: AwsClients,
  target: Target,
  call: CallContext,
): Promise<readonly Granted[]> {
  const lambda = await aws.lambda();
  let policy: string | undefined;
  const hasPolicy = await unlessMissing(
    lambda
      .getPolicy(
        { FunctionName: target.physicalName, Qualifier: LIVE },
        { abortSignal: call.signal },
      )
      .then(({ Policy }) => (policy = Policy)),
  );
  return hasPolicy && policy !== undefined ? statementsOf(JSON.parse(policy)) : [];
}

type Addition =
  | {
      readonly StatementId: string;
      readonly Action: string;
      readonly Principal: string;
      readonly SourceArn: string;
      readonly SourceAccount?: string;
    }
  | {
      readonly StatementId: string;
      readonly Action: string;
      readonly Principal: '*';
      readonly FunctionUrlAuthType: 'NONE';
    }
  | {
      readonly StatementId: string;
      readonly Action: string;
      readonly Principal: '*';
      readonly InvokedViaFunctionUrl: true;
    };

async function add(
  aws: AwsClients,
  target: Target,
  statement: Addition,
  call: CallContext,
): Promise<void> {
  const lambda = await aws.lambda();
  try {
    await lambda.addPermission(
      { FunctionName: target.physicalName, Qualifier: LIVE, ...statement },
      { abortSignal: call.signal },
    );
  } catch (error) {
    if (isNamed(error, 'ResourceConflictException') && says(error, 'already exists')) return;
    throw error;
  }
}

// The decoder of policies: the service's own JSON, of which only what is ours is read.
function statementsOf(policy: unknown): readonly Granted[] {
  if (typeof policy !== 'object' || policy === null || !('Statement' in policy)) return [];
  const list: readonly unknown[] = Array.isArray(policy.Statement) ? policy.Statement : [];
  return list.flatMap((statement) => {
    if (typeof statement !== 'object' || statement === null || !('Sid' in statement)) return [];
    const id = String(statement.Sid);
    if (!id.startsWith(STATEMENT_PREFIX)) return [];
    return [{ id, sourceArn: sourceArnIn(statement) }];
  });
}

function sourceArnIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    if (key.toLowerCase() === 'aws:sourcearn' && typeof inner === 'string') return inner;
    const found = sourceArnIn(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** STS: who am I, and sessions of roles. */
import {
  optionalInteger,
  optionalText,
  text,
  type Input,
  type OperationCall,
} from '../core/operation.ts';
import type { World } from '../core/ports.ts';
import { queryService } from '../core/query-protocol.ts';
import { AwsFault, type Service } from '../core/service.ts';
import type { FakeIam } from '../iam/index.ts';
import { trusts } from '../iam/policy-document.ts';

const RULES = { code: 'ValidationError' } as const;

export function createStsService(
  world: Pick<World, 'clock' | 'account'> & { readonly iam: FakeIam },
): Service {
  const { clock, account } = world;

  return queryService({
    id: 'sts',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: {
      GetCallerIdentity: (_, { caller }) => ({
        UserId: caller.arn.split('/').slice(1).join(':'),
        Account: account,
        Arn: caller.arn,
      }),
      AssumeRole: (input, call) => assumeRole(input, call),
    },
    // Nobody needs a permission to ask who he is (STS API reference, GetCallerIdentity).
    action: (operation) => (operation === 'GetCallerIdentity' ? undefined : `sts:${operation}`),
    resource: (_, input) => {
      const arn = input['RoleArn'];
      return typeof arn === 'string' ? arn : '*';
    },
    inventory: () => [],
  });

  function assumeRole(input: Input, { caller }: OperationCall): object {
    const arn = text(input, 'RoleArn', { ...RULES, min: 20, max: 2048 });
    const name = text(input, 'RoleSessionName', {
      ...RULES,
      min: 2,
      max: 64,
      pattern: /[\w+=,.@-]*/,
    });
    const seconds =
      optionalInteger(input, 'DurationSeconds', { ...RULES, min: 900, max: 43_200 }) ?? 3600;
    const externalId = optionalText(input, 'ExternalId', {
      ...RULES,
      min: 2,
      max: 1224,
      pattern: /[\w+=,.@:/-]*/,
    });
    const role = world.iam.roles.byArn(arn);
    const names = [caller.arn, `arn:aws:iam::${account}:root`, account];
    const context = { ...(externalId !== undefined && { 'sts:externalid': externalId }) };
    if (
      !role ||
      !world.iam.roles.isKnown(role) ||
      !trusts(world.iam.roles.trust(role), 'AWS', names, context)
    ) {
      // A role that does not exist is no other case, so that nobody learns which roles there are.
      throw new AwsFault(
        403,
        'AccessDenied',
        `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
      );
    }
    if (seconds > role.maxSessionSeconds) {
      throw new AwsFault(
        400,
        'ValidationError',
        'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      );
    }
    const credentials = world.iam.sessions.role(arn, name, seconds);
    return {
      Credentials: {
        AccessKeyId: credentials.accessKeyId,
        SecretAccessKey: credentials.secretAccessKey,
        SessionToken: credentials.sessionToken,
        Expiration: new Date(clock.now() + seconds * 1000),
      },
      AssumedRoleUser: {
        AssumedRoleId: `${role.id}:${name}`,
        Arn: `arn:aws:sts::${account}:assumed-role/${role.name}/${name}`,
      },
    };
  }
}

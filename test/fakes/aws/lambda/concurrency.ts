/** Reserved concurrency, and the settings of the account. */
import { integer } from '../core/operation.ts';
import type { RestRoute } from '../core/rest.ts';
import { UNZIPPED_BYTES } from './code.ts';
import { invalidParameter } from './faults.ts';
import { found, resource } from './functions.ts';
import { totalProvisioned } from './provisioned.ts';
import type { FunctionState, LambdaState } from './state.ts';

/** Of the account and region (AWS Lambda quotas); so much of it must stay for functions without a reservation. */
export const ACCOUNT_CONCURRENCY = 1000;
const UNRESERVED = 100;

/** What no function has reserved, with one function left out. */
export function unreserved(state: LambdaState, except?: FunctionState): number {
  return [...state.functions.values()]
    .filter((fn) => fn !== except)
    .reduce((left, fn) => left - (fn.reserved ?? 0), ACCOUNT_CONCURRENCY);
}

export function concurrencyRoutes(state: LambdaState): readonly RestRoute[] {
  const one = { resource: resource(state) };
  return [
    {
      method: 'PUT',
      path: '/2017-10-31/functions/{name}/concurrency',
      operation: 'PutFunctionConcurrency',
      ...one,
      run(input) {
        const { fn, qualifier } = found(state, input);
        if (qualifier !== undefined) {
          throw invalidParameter(
            'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.',
          );
        }
        const reserved = integer(input.body, 'ReservedConcurrentExecutions', { min: 0 });
        if (unreserved(state, fn) - reserved < UNRESERVED) {
          throw invalidParameter(
            `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${UNRESERVED}].`,
          );
        }
        if (reserved < totalProvisioned(fn)) {
          throw invalidParameter(
            'Specified ReservedConcurrentExecutions for function is less than its ProvisionedConcurrentExecutions.',
          );
        }
        fn.reserved = reserved;
        return { body: { ReservedConcurrentExecutions: reserved } };
      },
    },
    {
      method: 'GET',
      path: '/2019-09-30/functions/{name}/concurrency',
      operation: 'GetFunctionConcurrency',
      ...one,
      run(input) {
        const { fn } = found(state, input);
        return {
          body: fn.reserved === undefined ? {} : { ReservedConcurrentExecutions: fn.reserved },
        };
      },
    },
    {
      method: 'DELETE',
      path: '/2017-10-31/functions/{name}/concurrency',
      operation: 'DeleteFunctionConcurrency',
      ...one,
      run(input) {
        delete found(state, input).fn.reserved;
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      path: '/2016-08-19/account-settings',
      operation: 'GetAccountSettings',
      run() {
        const functions = [...state.functions.values()];
        const codes = functions.flatMap((fn) => [fn.latest, ...fn.versions.values()]);
        return {
          body: {
            AccountLimit: {
              TotalCodeSize: 80_530_636_800,
              CodeSizeUnzipped: UNZIPPED_BYTES,
              CodeSizeZipped: 52_428_800,
              ConcurrentExecutions: ACCOUNT_CONCURRENCY,
              UnreservedConcurrentExecutions: unreserved(state),
            },
            AccountUsage: {
              TotalCodeSize: codes.reduce((total, version) => total + version.code.size, 0),
              FunctionCount: functions.length,
            },
          },
        };
      },
    },
  ];
}

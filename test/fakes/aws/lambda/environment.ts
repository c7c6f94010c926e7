/** What Lambda allows as the environment of a function. */
import {
  invalid,
  isObject,
  optionalObject,
  optionalTextMap,
  type Input,
} from '../core/operation.ts';
import { invalidParameter } from './faults.ts';

/** All variables together, as the JSON text that the error of the service calls "measured" (AWS Lambda quotas). */
const ENVIRONMENT_BYTES = 4096;
const KEY = /^[a-zA-Z]([a-zA-Z0-9_])+$/;
/** Set by Lambda itself (AWS Lambda: defined runtime environment variables). */
const RESERVED = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
]);

const FAILED =
  'Lambda was unable to configure your environment variables because the environment variables you have provided';

/** The variables of `Environment`; undefined when it is not given at all. */
export function readEnvironment(input: Input): Readonly<Record<string, string>> | undefined {
  const environment = optionalObject(input, 'Environment');
  if (environment === undefined) return undefined;
  const given = environment['Variables'];
  const bad = isObject(given) ? Object.keys(given).filter((key) => !KEY.test(key)) : [];
  const reserved = bad
    .concat(isObject(given) ? Object.keys(given) : [])
    .filter((key) => RESERVED.has(key));
  if (reserved.length > 0) {
    throw invalidParameter(
      `${FAILED} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${[...new Set(reserved)].join(', ')}`,
    );
  }
  if (bad.length > 0) {
    throw invalid(
      'environment.variables',
      given,
      `Map keys must satisfy constraint: [Member must satisfy regular expression pattern: ${KEY.source}]`,
    );
  }
  const variables = optionalTextMap(environment, 'Variables') ?? {};
  const measured = JSON.stringify(variables);
  if (Buffer.byteLength(measured) > ENVIRONMENT_BYTES) {
    throw invalidParameter(`${FAILED} exceeded the 4KB limit. String measured: ${measured}`);
  }
  return variables;
}

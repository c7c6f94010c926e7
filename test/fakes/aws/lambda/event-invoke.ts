/** What becomes of asynchronous invocations: attempts, age and destinations. */
import { optionalInteger, optionalObject, optionalText, type Input } from '../core/operation.ts';
import type { RestInput, RestOutput, RestRoute } from '../core/rest.ts';
import { invalidParameter, notFound } from './faults.ts';
import { found, resource } from './functions.ts';
import { page } from './page.ts';
import type { EventInvokeState, Found, FunctionState, LambdaState } from './state.ts';

const PAGE_SIZE = 50;

const DESTINATIONS: readonly (readonly [service: string, action: string, said: string])[] = [
  ['sqs', 'sqs:SendMessage', 'SendMessage'],
  ['sns', 'sns:Publish', 'Publish'],
  ['lambda', 'lambda:InvokeFunction', 'Invoke'],
  ['events', 'events:PutEvents', 'PutEvents'],
  ['s3', 's3:PutObject', 'PutObject'],
];

function readDestination(
  state: LambdaState,
  destinations: Input | undefined,
  kind: 'OnSuccess' | 'OnFailure',
  roleArn: string,
): string | undefined {
  const destination = destinations && optionalObject(destinations, kind);
  const arn = destination && optionalText(destination, 'Destination', { max: 350 });
  if (arn === undefined || arn === '') return arn;
  const target = DESTINATIONS.find(([service]) => arn.startsWith(`arn:aws:${service}:`));
  if (!target || (target[0] === 's3' && kind === 'OnSuccess') || arn.endsWith('.fifo')) {
    throw invalidParameter(
      `The provided destination config DestinationConfig(${kind}(destination=${arn})) is invalid.`,
    );
  }
  const [, action, said] = target;
  if (!state.world.iam.roleAllows(roleArn, action, arn)) {
    throw invalidParameter(
      `The function's execution role does not have permissions to call ${said} on ${arn}`,
    );
  }
  return arn;
}

function write(
  state: LambdaState,
  input: RestInput,
  { fn, qualifier }: Found,
  before: EventInvokeState | undefined,
): RestOutput {
  const { body } = input;
  const { settings } = state.version({ fn, ...(qualifier !== undefined && { qualifier }) });
  const attempts = optionalInteger(body, 'MaximumRetryAttempts', { min: 0, max: 2 });
  const age = optionalInteger(body, 'MaximumEventAgeInSeconds', { min: 60, max: 21_600 });
  const destinations = optionalObject(body, 'DestinationConfig');
  if (attempts === undefined && age === undefined && destinations === undefined) {
    throw invalidParameter(
      'You must specify at least one of error handling or destination setting.',
    );
  }
  const onSuccess = readDestination(state, destinations, 'OnSuccess', settings.roleArn);
  const onFailure = readDestination(state, destinations, 'OnFailure', settings.roleArn);
  const merged = {
    maximumRetryAttempts: attempts ?? before?.maximumRetryAttempts,
    maximumEventAgeInSeconds: age ?? before?.maximumEventAgeInSeconds,
    onSuccess: onSuccess ?? before?.onSuccess,
    onFailure: onFailure ?? before?.onFailure,
  };
  const config: EventInvokeState = {
    modifiedAt: state.now(),
    ...(merged.maximumRetryAttempts !== undefined && {
      maximumRetryAttempts: merged.maximumRetryAttempts,
    }),
    ...(merged.maximumEventAgeInSeconds !== undefined && {
      maximumEventAgeInSeconds: merged.maximumEventAgeInSeconds,
    }),
    ...(merged.onSuccess && { onSuccess: merged.onSuccess }),
    ...(merged.onFailure && { onFailure: merged.onFailure }),
  };
  fn.eventInvoke.set(qualifier ?? '$LATEST', config);
  return { body: describe(fn, qualifier ?? '$LATEST', config) };
}

function describe(fn: FunctionState, qualifier: string, config: EventInvokeState): object {
  return {
    LastModified: config.modifiedAt / 1000,
    FunctionArn: `${fn.arn}:${qualifier}`,
    ...(config.maximumRetryAttempts !== undefined && {
      MaximumRetryAttempts: config.maximumRetryAttempts,
    }),
    ...(config.maximumEventAgeInSeconds !== undefined && {
      MaximumEventAgeInSeconds: config.maximumEventAgeInSeconds,
    }),
    DestinationConfig: {
      OnSuccess: config.onSuccess ? { Destination: config.onSuccess } : {},
      OnFailure: config.onFailure ? { Destination: config.onFailure } : {},
    },
  };
}

function existing({ fn, qualifier = '$LATEST' }: Found): EventInvokeState {
  const config = fn.eventInvoke.get(qualifier);
  if (!config) {
    throw notFound(`The function ${fn.arn}:${qualifier} doesn't have an EventInvokeConfig`);
  }
  return config;
}

export function eventInvokeRoutes(state: LambdaState): readonly RestRoute[] {
  const path = '/2019-09-25/functions/{name}/event-invoke-config';
  const one = { resource: resource(state) };
  return [
    {
      method: 'PUT',
      path,
      operation: 'PutFunctionEventInvokeConfig',
      ...one,
      run: (input) => write(state, input, found(state, input), undefined),
    },
    {
      method: 'POST',
      path,
      operation: 'UpdateFunctionEventInvokeConfig',
      ...one,
      run(input) {
        const target = found(state, input);
        return write(state, input, target, existing(target));
      },
    },
    {
      method: 'GET',
      path,
      operation: 'GetFunctionEventInvokeConfig',
      ...one,
      run(input) {
        const target = found(state, input);
        return { body: describe(target.fn, target.qualifier ?? '$LATEST', existing(target)) };
      },
    },
    {
      method: 'DELETE',
      path,
      operation: 'DeleteFunctionEventInvokeConfig',
      ...one,
      run(input) {
        const target = found(state, input);
        existing(target);
        target.fn.eventInvoke.delete(target.qualifier ?? '$LATEST');
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      path: `${path}/list`,
      operation: 'ListFunctionEventInvokeConfigs',
      ...one,
      run(input) {
        const { fn } = found(state, input);
        const { items, next } = page([...fn.eventInvoke], input.query, PAGE_SIZE);
        const configs = items.map(([qualifier, config]) => describe(fn, qualifier, config));
        return { body: { FunctionEventInvokeConfigs: configs, ...next } };
      },
    },
  ];
}

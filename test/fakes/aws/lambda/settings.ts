/** Reads the settings of a function, and refuses what Lambda refuses. */
import {
  optionalInteger,
  optionalObject,
  optionalText,
  optionalTexts,
  text,
  type Input,
} from '../core/operation.ts';
import { checkUnzipped } from './code.ts';
import { readEnvironment } from './environment.ts';
import { invalidParameter } from './faults.ts';
import { findLayerVersion } from './layers.ts';
import { isRetired, RUNTIMES } from './runtimes.ts';
import type { Code, LambdaState, Settings } from './state.ts';

const ROLE = /^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/;
const MAX_LAYERS = 5;
/** Settings of kinds of function that this fake does not have. */
const UNKNOWN = [
  'CapacityProviderConfig',
  'DurableConfig',
  'TenancyConfig',
  'CodeSigningConfigArn',
  'RuntimeConfig',
  'AcceleratorConfig',
  'PublishTo',
];

/** The settings of `CreateFunction`. */
export function createSettings(
  state: LambdaState,
  name: string,
  input: Input,
  code: Code,
): Settings {
  const packageType = optionalText(input, 'PackageType', { oneOf: ['Zip', 'Image'] });
  const roleArn = text(input, 'Role', { pattern: ROLE });
  const settings = change(
    state,
    name,
    {
      packageType: packageType === 'Image' ? 'Image' : 'Zip',
      roleArn,
      description: '',
      timeoutSeconds: 3,
      memoryMb: 128,
      env: {},
      layers: [],
      architecture: readArchitecture(input) ?? 'x86_64',
      ephemeralMb: 512,
      tracing: 'PassThrough',
      logFormat: 'Text',
      logGroup: `/aws/lambda/${name}`,
      deadLetterArn: '',
      kmsKeyArn: '',
    },
    input,
    code,
  );
  if (!state.world.iam.canAssume(roleArn, 'lambda.amazonaws.com')) throw cannotAssume();
  return settings;
}

/** The settings of `UpdateFunctionConfiguration`: what is not given stays. */
export function updateSettings(
  state: LambdaState,
  name: string,
  before: Settings,
  input: Input,
  code: Code,
): Settings {
  const settings = change(state, name, before, input, code);
  const isNewRole = settings.roleArn !== before.roleArn;
  if (isNewRole && !state.world.iam.canAssume(settings.roleArn, 'lambda.amazonaws.com')) {
    throw cannotAssume();
  }
  return settings;
}

export function readArchitecture(input: Input): string | undefined {
  const architectures = optionalTexts(input, 'Architectures', { min: 1, max: 1 });
  const architecture = architectures?.[0];
  if (architecture !== undefined && !['x86_64', 'arm64'].includes(architecture)) {
    throw invalidParameter(`Architecture ${architecture} is not supported. Use x86_64 or arm64.`);
  }
  return architecture;
}

function cannotAssume(): Error {
  return invalidParameter('The role defined for the function cannot be assumed by Lambda.');
}

function change(
  state: LambdaState,
  name: string,
  before: Settings,
  input: Input,
  code: Code,
): Settings {
  const unknown = UNKNOWN.find((member) => input[member] !== undefined && input[member] !== null);
  if (unknown !== undefined) throw invalidParameter(`${unknown} is not supported.`);
  const imageConfig = optionalObject(input, 'ImageConfig') ?? before.imageConfig;
  const kind = readKind(before, input);
  const vpc = readVpc(input) ?? before.vpc;
  const settings: Settings = {
    packageType: before.packageType,
    ...kind,
    roleArn: optionalText(input, 'Role', { pattern: ROLE }) ?? before.roleArn,
    description: optionalText(input, 'Description', { max: 256 }) ?? before.description,
    timeoutSeconds: bounded(input, 'Timeout', 1, 900) ?? before.timeoutSeconds,
    memoryMb: bounded(input, 'MemorySize', 128, 10_240) ?? before.memoryMb,
    env: readEnvironment(input) ?? before.env,
    layers: readLayers(state, input, code) ?? before.layers,
    architecture: before.architecture,
    ephemeralMb: readEphemeral(input) ?? before.ephemeralMb,
    tracing: readTracing(input) ?? before.tracing,
    ...readLogging(name, before, input),
    deadLetterArn: before.deadLetterArn,
    kmsKeyArn: optionalText(input, 'KMSKeyArn') ?? before.kmsKeyArn,
    ...(vpc && { vpc }),
    ...(imageConfig && { imageConfig }),
  };
  refuseSnapStart(input, settings);
  const deadLetterArn = readDeadLetter(state, input, settings.roleArn);
  return deadLetterArn === undefined ? settings : { ...settings, deadLetterArn };
}

/** The bounds of the model first, then those of functions that do not run on instances of their own. */
function bounded(input: Input, member: string, min: number, max: number): number | undefined {
  const value = optionalInteger(input, member, { min });
  if (value !== undefined && value > max) {
    throw invalidParameter(
      `'${member}' value failed to satisfy constraint: Member must have value less than or equal to ${max}`,
    );
  }
  return value;
}

function readKind(before: Settings, input: Input): Pick<Settings, 'runtime' | 'handler'> {
  const runtime = optionalText(input, 'Runtime') ?? before.runtime;
  const handler = optionalText(input, 'Handler', { max: 128, pattern: /[^\s]+/ }) ?? before.handler;
  if (before.packageType === 'Image') {
    if (runtime !== undefined || handler !== undefined || input['Layers'] !== undefined) {
      throw invalidParameter(
        "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
      );
    }
    return {};
  }
  if (runtime === undefined || !handler) {
    throw invalidParameter(
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    );
  }
  if (!RUNTIMES.includes(runtime)) {
    throw invalidParameter(
      `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${RUNTIMES.join(', ')}] or be a valid ARN`,
    );
  }
  if (isRetired(runtime)) {
    throw invalidParameter(
      `The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`,
    );
  }
  return { runtime, handler };
}

function readLayers(state: LambdaState, input: Input, code: Code): readonly string[] | undefined {
  const layers = optionalTexts(input, 'Layers');
  if (layers === undefined) return undefined;
  if (layers.length > MAX_LAYERS) {
    throw invalidParameter(`Cannot reference more than ${MAX_LAYERS} layers.`);
  }
  const names = layers.map((arn) => arn.slice(0, arn.lastIndexOf(':')));
  if (new Set(names).size < names.length) {
    throw invalidParameter(
      'Two different versions of the same layer are not allowed to be referenced in the same function.',
    );
  }
  let unzipped = code.unzippedSize;
  for (const arn of layers) {
    const layer = findLayerVersion(state, arn);
    if (!layer) throw invalidParameter(`Layer version ${arn} does not exist.`);
    unzipped += layer.code.unzippedSize;
  }
  checkUnzipped(unzipped);
  return layers;
}

function readEphemeral(input: Input): number | undefined {
  const storage = optionalObject(input, 'EphemeralStorage');
  return storage && bounded(storage, 'Size', 512, 10_240);
}

function readTracing(input: Input): string | undefined {
  const tracing = optionalObject(input, 'TracingConfig');
  return tracing && optionalText(tracing, 'Mode', { oneOf: ['Active', 'PassThrough'] });
}

type Logging = Pick<Settings, 'logFormat' | 'applicationLogLevel' | 'systemLogLevel' | 'logGroup'>;

function readLogging(name: string, before: Settings, input: Input): Logging {
  const logging = optionalObject(input, 'LoggingConfig');
  if (logging === undefined) {
    const { logFormat, logGroup, applicationLogLevel, systemLogLevel } = before;
    return {
      logFormat,
      logGroup,
      ...(applicationLogLevel && { applicationLogLevel }),
      ...(systemLogLevel && { systemLogLevel }),
    };
  }
  const format =
    optionalText(logging, 'LogFormat', { oneOf: ['JSON', 'Text'] }) ?? before.logFormat;
  const application = optionalText(logging, 'ApplicationLogLevel', {
    oneOf: ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'],
  });
  const system = optionalText(logging, 'SystemLogLevel', { oneOf: ['DEBUG', 'INFO', 'WARN'] });
  if (format === 'Text' && (application !== undefined || system !== undefined)) {
    throw invalidParameter(
      'ApplicationLogLevel and SystemLogLevel are only supported when LogFormat is set to JSON.',
    );
  }
  const logGroup =
    optionalText(logging, 'LogGroup', { min: 1, max: 512, pattern: /[.\-_/#A-Za-z0-9]+/ }) ??
    before.logGroup;
  if (format === 'Text') return { logFormat: 'Text', logGroup: logGroup || `/aws/lambda/${name}` };
  return {
    logFormat: 'JSON',
    logGroup,
    applicationLogLevel: application ?? before.applicationLogLevel ?? 'INFO',
    systemLogLevel: system ?? before.systemLogLevel ?? 'INFO',
  };
}

function readVpc(input: Input): Settings['vpc'] | undefined {
  const vpc = optionalObject(input, 'VpcConfig');
  if (vpc === undefined) return undefined;
  const subnetIds = optionalTexts(vpc, 'SubnetIds', { max: 16 }) ?? [];
  const securityGroupIds = optionalTexts(vpc, 'SecurityGroupIds', { max: 5 }) ?? [];
  if ((subnetIds.length === 0) !== (securityGroupIds.length === 0)) {
    throw invalidParameter('SubnetIds and SecurityIds must coexist or be both empty list.');
  }
  return { subnetIds, securityGroupIds };
}

const DEAD_LETTERS: readonly (readonly [service: string, action: string, said: string])[] = [
  ['sqs', 'sqs:SendMessage', 'SendMessage on SQS'],
  ['sns', 'sns:Publish', 'Publish on SNS'],
];

function readDeadLetter(state: LambdaState, input: Input, roleArn: string): string | undefined {
  const config = optionalObject(input, 'DeadLetterConfig');
  const arn = config && optionalText(config, 'TargetArn');
  if (arn === undefined || arn === '') return arn;
  const target = DEAD_LETTERS.find(([service]) => arn.startsWith(`arn:aws:${service}:`));
  if (!target) {
    throw invalidParameter(`The provided DeadLetterConfig target ARN ${arn} is not supported.`);
  }
  const [, action, said] = target;
  if (!state.world.iam.roleAllows(roleArn, action, arn)) {
    throw invalidParameter(`The provided execution role does not have permissions to call ${said}`);
  }
  return arn;
}

function refuseSnapStart(input: Input, settings: Settings): void {
  const snapStart = optionalObject(input, 'SnapStart');
  const applyOn =
    snapStart && optionalText(snapStart, 'ApplyOn', { oneOf: ['PublishedVersions', 'None'] });
  if (applyOn !== 'PublishedVersions') return;
  throw invalidParameter(
    `${settings.runtime ?? 'Image'} is not supported for SnapStart enabled functions.`,
  );
}

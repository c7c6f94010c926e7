/** Makes the function, and brings `$LATEST` to what the next version is made of. */
import type {
  FunctionConfiguration,
  GetFunctionResponse,
  UpdateFunctionConfigurationRequest,
} from '@aws-sdk/client-lambda';
import { sameJson, type CallContext, type StepResult } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import { isNamed } from '../errors.ts';
import { fingerprint } from '../fingerprint.ts';
import type { Executor, Target, VersionConfig } from '../model.ts';
import { isOwnedBy, logGroupName } from '../names.ts';
import { architectureOf, configOf } from '../observe/config.ts';
import type { CodeSource } from '../plan/wish.ts';
import { encodeRecord, type FunctionRecord } from '../record.ts';
import { codeOf, sha256Of } from './code.ts';
import { inputOf } from '../step-input.ts';
import { again, keptOf } from './input.ts';
import { patiently } from './patience.ts';
import {
  conflict,
  isBusy,
  isSettling,
  readConfiguration,
  refuseUnusable,
  settled,
} from './settle.ts';

interface CodeInput {
  readonly code: CodeSource;
  readonly architecture: 'x86_64' | 'arm64';
  readonly sourceKmsKeyArn: string | null;
  readonly config: VersionConfig;
}

const revision = (ready: FunctionConfiguration) => ({
  revisionId: ready.RevisionId ?? '',
  codeSha256: ready.CodeSha256 ?? '',
});

export const createFunction: Executor = async (aws, step, call) => {
  const input = inputOf<
    CodeInput & {
      record: FunctionRecord;
      tags: Readonly<Record<string, string>>;
    }
  >(step);
  const { target, config, code } = input;
  if (isSettling(call)) {
    return settled(target, await readConfiguration(aws, target, call), call, revision);
  }
  const lambda = await aws.lambda();
  return patiently(step, call, async () => {
    try {
      const made = await lambda.createFunction(
        {
          FunctionName: target.physicalName,
          ...settingsOf(target, config),
          Role: config.roleArn,
          Code: await codeOf(code, input.sourceKmsKeyArn, call),
          PackageType: code.form === 'image' ? 'Image' : 'Zip',
          Architectures: [input.architecture],
          Tags: { ...input.tags, ...encodeRecord(input.record) },
        },
        { abortSignal: call.signal },
      );
      return settled(target, made, call, revision);
    } catch (error) {
      if (!isNamed(error, 'ResourceConflictException')) throw error;
      return await recogniseNew(aws, target, input, call, error);
    }
  });
};

/** It is there already: by this very step, whose answer was lost, or by somebody else. */
async function recogniseNew(
  aws: AwsClients,
  target: Target,
  input: CodeInput,
  call: CallContext,
  error: unknown,
): Promise<StepResult> {
  const lambda = await aws.lambda();
  const found = await lambda.getFunction(
    { FunctionName: target.physicalName },
    { abortSignal: call.signal },
  );
  const raw = found.Configuration;
  if (!raw) throw error;
  const isOurs =
    isOwnedBy(target.ref, found.Tags ?? {}) &&
    sameJson(configOf(raw), input.config) &&
    (await hasCode(input, found, call));
  if (!isOurs) throw conflict(target, 'a function of that name appeared');
  return settled(target, raw, call, revision);
}

export const updateConfiguration: Executor = async (aws, step, call) => {
  const { target, config, expected, base } = inputOf<{
    config: VersionConfig;
    expected: string;
    base: string;
  }>(step);
  const lambda = await aws.lambda();
  return change(aws, target, call, step, {
    expected,
    base,
    isDone: (raw) => Promise.resolve(sameJson(configOf(raw), config)),
    isAsWished: (raw) => Promise.resolve(sameVisible(raw, config)),
    act: (RevisionId) =>
      lambda.updateFunctionConfiguration(
        { FunctionName: target.physicalName, RevisionId, ...updatesOf(target, config) },
        { abortSignal: call.signal },
      ),
  });
};

export const updateCode: Executor = async (aws, step, call) => {
  const input = inputOf<CodeInput & { expected: string; base: string }>(step);
  const { target, code, config, expected, base } = input;
  const lambda = await aws.lambda();
  const hasIt = async () =>
    hasCode(
      input,
      await lambda.getFunction({ FunctionName: target.physicalName }, { abortSignal: call.signal }),
      call,
    );
  return change(aws, target, call, step, {
    expected,
    base,
    isDone: async (raw) => sameJson(configOf(raw), config) && (await hasIt()),
    // What this step set is in the configuration, but for the name of an image.
    isAsWished: async (raw) =>
      sameVisible(raw, config) &&
      (code.form === 'image' || (await hasZip(code, raw.CodeSha256, call))) &&
      architectureOf(raw) === input.architecture,
    act: async (RevisionId) =>
      lambda.updateFunctionCode(
        {
          FunctionName: target.physicalName,
          RevisionId,
          ...(await codeOf(code, input.sourceKmsKeyArn, call)),
          Architectures: [input.architecture],
        },
        { abortSignal: call.signal },
      ),
  });
};

interface ChangeParts {
  /** What `$LATEST` was when the plan was made, or after the step before. */
  readonly expected: string;
  /** The fingerprint of what it was then. */
  readonly base: string;
  readonly isDone: (raw: FunctionConfiguration) => Promise<boolean>;
  /** The same, once the change was made, as far as it can be seen. */
  readonly isAsWished: (raw: FunctionConfiguration) => Promise<boolean>;
  readonly act: (revisionId: string) => Promise<FunctionConfiguration>;
}

/**
 * One change of `$LATEST`, if nobody else changed it since. Its revision also moves on by itself when a change comes
 * to its end, and by this step's own change whose answer was lost: both are told from a stranger's by their content.
 */
async function change(
  aws: AwsClients,
  target: Target,
  call: CallContext,
  step: Parameters<Executor>[1],
  parts: ChangeParts,
): Promise<StepResult> {
  if (isSettling(call)) {
    const raw = await readConfiguration(aws, target, call);
    const result = settled(target, raw, call, revision);
    if (result.done && !(await parts.isAsWished(raw))) {
      throw conflict(target, 'another deploy changed it at the same time');
    }
    return result;
  }
  return patiently(step, call, async () => {
    const { later } = keptOf(call);
    try {
      const raw = await parts.act(typeof later === 'string' ? later : parts.expected);
      return settled(target, raw, call, revision);
    } catch (error) {
      if (!isNamed(error, 'PreconditionFailedException', 'ResourceConflictException')) throw error;
      const raw = await readConfiguration(aws, target, call);
      if (await parts.isDone(raw)) return settled(target, raw, call, revision);
      const isAsBefore = fingerprint(configOf(raw), raw.CodeSha256 ?? '') === parts.base;
      if (!isAsBefore) throw conflict(target, 'another deploy changed it at the same time');
      refuseUnusable(target, raw);
      const keep = { later: raw.RevisionId ?? '' };
      const stage = isBusy(raw) ? 'waiting for another change to end' : 'looking again';
      return again(call, { stage, keep, firstMs: isBusy(raw) ? 1000 : 100, longestMs: 10_000 });
    }
  });
}

/** True when the function has this code, for this processor, encrypted like this. */
async function hasCode(
  { code, architecture, sourceKmsKeyArn }: CodeInput,
  { Code, Configuration }: GetFunctionResponse,
  call: CallContext,
): Promise<boolean> {
  if (architectureOf(Configuration ?? {}) !== architecture) return false;
  if (code.form === 'image') return Code?.ImageUri === code.imageUri;
  return (
    (Code?.SourceKMSKeyArn ?? null) === sourceKmsKeyArn &&
    (await hasZip(code, Configuration?.CodeSha256, call))
  );
}

async function hasZip(
  code: CodeSource,
  codeSha256: string | undefined,
  call: CallContext,
): Promise<boolean> {
  return codeSha256 !== undefined && codeSha256 === (await sha256Of(code, call));
}

/** As wished; of an environment that Lambda cannot show, for want of the key, everything else. */
function sameVisible(raw: FunctionConfiguration, wish: VersionConfig): boolean {
  const { Environment, ...rest } = raw;
  if (Environment?.Error === undefined) return sameJson(configOf(raw), wish);
  return sameJson({ ...configOf(rest), env: {} }, { ...wish, env: {} });
}

/** What creating takes: what is not there is left out. */
function settingsOf({ physicalName }: Target, config: VersionConfig) {
  const { image, vpc, kmsKeyArn } = config;
  return {
    Description: config.description,
    ...(config.runtime === null ? {} : { Runtime: runtimeOf(config.runtime) }),
    ...(config.handler === null ? {} : { Handler: config.handler }),
    MemorySize: config.memoryMb,
    Timeout: config.timeoutSeconds,
    Environment: { Variables: { ...config.env } },
    // An image has no layers, and not even an empty list is taken for one.
    ...(config.runtime === null ? {} : { Layers: [...config.layers] }),
    ...(vpc
      ? {
          VpcConfig: {
            SubnetIds: [...vpc.subnetIds],
            SecurityGroupIds: [...vpc.securityGroupIds],
          },
        }
      : {}),
    EphemeralStorage: { Size: config.ephemeralStorageMb },
    ...(kmsKeyArn === null ? {} : { KMSKeyArn: kmsKeyArn }),
    TracingConfig: { Mode: config.tracing },
    LoggingConfig: { LogFormat: config.logFormat, LogGroup: logGroupName(physicalName) },
    ...(image
      ? {
          ImageConfig: {
            Command: [...image.command],
            EntryPoint: [...image.entryPoint],
            ...(image.workingDirectory === null
              ? {}
              : { WorkingDirectory: image.workingDirectory }),
          },
        }
      : {}),
  };
}

/** What updating takes: what is left out stays, so what is not there is cleared. */
function updatesOf(
  target: Target,
  config: VersionConfig,
): Omit<UpdateFunctionConfigurationRequest, 'FunctionName'> {
  return {
    VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
    KMSKeyArn: '',
    DeadLetterConfig: { TargetArn: '' },
    FileSystemConfigs: [],
    ...(config.runtime === null ? { ImageConfig: {} } : {}),
    ...settingsOf(target, config),
    Role: config.roleArn,
  };
}

type Runtime = NonNullable<UpdateFunctionConfigurationRequest['Runtime']>;

// Lambda's list of runtimes is longer than that of an older client: its own answer is what counts.
function runtimeOf(word: string): Runtime {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return word as Runtime;
}

/** Publishes a version, looks whether it starts, and moves the traffic. */
import type { AliasConfiguration, FunctionConfiguration } from '@aws-sdk/client-lambda';
import { sameJson, ServerlessError, type CallContext } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import { classify, isMissing, isNamed } from '../errors.ts';
import { fingerprint } from '../fingerprint.ts';
import { standings, type PublishedVersion } from '../history.ts';
import {
  LIVE,
  type Executor,
  type Target,
  type VersionConfig,
  type VersionNote,
} from '../model.ts';
import { decodeNote, encodeNote } from '../note.ts';
import { configOf } from '../observe/config.ts';
import { rollsFrom } from '../rolling.ts';
import { inputOf } from '../step-input.ts';
import { again, keptOf } from './input.ts';
import { passingStage, patiently, waitOut } from './patience.ts';
import {
  conflict,
  isBusy,
  isSettling,
  readConfiguration,
  refuseUnusable,
  settled,
} from './settle.ts';
import { isMoving, readProgress, trafficMoved } from './traffic.ts';

const published = (ready: FunctionConfiguration) => ({
  version: ready.Version ?? '',
  codeSha256: ready.CodeSha256 ?? '',
  createdAt: new Date(Date.parse(ready.LastModified ?? '') || 0).toISOString(),
});

export const publishVersion: Executor = async (aws, step, call) => {
  const { target, config, note, expected, codeSha256 } = inputOf<{
    config: VersionConfig;
    note: VersionNote;
    expected: string;
    codeSha256: string;
  }>(step);
  const kept = keptOf(call);
  if (isSettling(call) && typeof kept['version'] === 'string') {
    const raw = await readConfiguration(aws, target, call, kept['version']);
    return settled(target, raw, call, published, { version: kept['version'] });
  }
  const lambda = await aws.lambda();
  return patiently(step, call, async () => {
    try {
      const raw = await lambda.publishVersion(
        {
          FunctionName: target.physicalName,
          RevisionId: typeof kept['later'] === 'string' ? kept['later'] : expected,
          CodeSha256: codeSha256,
          Description: encodeNote({ ...note, codeSha256 }),
        },
        { abortSignal: call.signal },
      );
      return settled(target, raw, call, published, { version: raw.Version ?? '' });
    } catch (error) {
      const isOther =
        isNamed(error, 'PreconditionFailedException', 'ResourceConflictException') ||
        (isNamed(error, 'InvalidParameterValueException') && /CodeSHA256/i.test(String(error)));
      if (!isOther) throw error;
      const raw = await readConfiguration(aws, target, call);
      const wish = fingerprint(config, codeSha256);
      if (fingerprint(configOf(raw), raw.CodeSha256 ?? '') !== wish) {
        throw conflict(target, 'another deploy changed what was about to be published');
      }
      refuseUnusable(target, raw);
      return again(call, {
        stage: isBusy(raw) ? 'waiting for another change to end' : 'looking again',
        keep: { later: raw.RevisionId ?? '' },
        firstMs: isBusy(raw) ? 1000 : 100,
        longestMs: 10_000,
      });
    }
  });
};

/** So long a start is tried again. */
const VERIFY_SECONDS = 75;

/** Looks whether a version starts; how is the invoker's. */
export function verifyVersion(
  verify: (target: Target, version: string, hasShim: boolean, call: CallContext) => Promise<void>,
): Executor {
  return async (aws, step, call) => {
    const { target, version, hasShim, secrets } = inputOf<{
      version: string;
      hasShim: boolean;
      secrets: readonly string[];
    }>(step);
    try {
      await verify(target, version, hasShim, call);
    } catch (error) {
      if (classify(error).code === 'RATE_LIMITED') {
        return waitOut(
          { ...step, deadlineSeconds: VERIFY_SECONDS },
          call,
          error,
          'waiting for a free instance',
          'All instances that the function may have are busy: raise maxInstances, or try again when there is less to do.',
        );
      }
      if (!ServerlessError.isInstance(error) || error.code !== 'PERMISSION_DENIED') throw error;
      if (!error.retryable) throw error;
      // To the function's role, a secret that does not exist is one that it may not read.
      if (keptOf(call)['since'] === undefined) await findSecrets(aws, target, secrets, call);
      // What the role may do is not known everywhere yet: the start is tried again for a while.
      return waitOut(
        { ...step, deadlineSeconds: VERIFY_SECONDS },
        call,
        error,
        'waiting for the role',
      );
    }
    return { done: true };
  };
}

async function findSecrets(
  aws: AwsClients,
  target: Target,
  names: readonly string[],
  call: CallContext,
): Promise<void> {
  const manager = await aws.secrets();
  for (const SecretId of names) {
    try {
      await manager.describeSecret({ SecretId }, { abortSignal: call.signal });
    } catch (error) {
      // Whoever deploys need not be allowed to look.
      if (classify(error).code === 'PERMISSION_DENIED') continue;
      if (!isMissing(error)) throw error;
      throw new ServerlessError({
        code: 'NOT_FOUND',
        provider: 'aws',
        function: target.ref.name,
        message: `The secret "${SecretId}" is not in AWS Secrets Manager in ${aws.region}. Create it there, then deploy again.`,
        cause: error,
      });
    }
  }
}

export const setAlias: Executor = async (aws, step, call) => {
  const {
    target,
    version,
    share: wished,
    note: given,
    expected,
    hasStanding = false,
    changesCapacity = false,
  } = inputOf<{
    version: string;
    share: { version: string; weight: number } | null;
    note: VersionNote;
    expected: string | null;
    hasStanding?: boolean;
    changesCapacity?: boolean;
  }>(step);
  const move = { target, version, changesCapacity };
  const look = () => readProgress(aws, move, call);
  if (isSettling(call)) return trafficMoved(aws, move, await look(), call);
  const lambda = await aws.lambda();
  const http = { abortSignal: call.signal };
  // Lambda publishes nothing when code and configuration are those of the last version: there is nothing to share then.
  const share = wished?.version === version ? null : wished;
  const note =
    share === wished || given.canary === null
      ? given
      : { ...given, digest: given.canary.digest, canary: null };
  const weights = share ? { [share.version]: share.weight } : {};
  const whole = note.createdAt === null ? await completed(aws, target, version, note, call) : note;
  const alias = {
    FunctionName: target.physicalName,
    Name: LIVE,
    FunctionVersion: version,
    Description: encodeNote({ ...whole, version }),
  };
  const routing = { RoutingConfig: { AdditionalVersionWeights: weights } };
  const waits = hasStanding && share === null && expected !== null;
  return patiently(step, call, async () => {
    // An earlier deploy that did not come to its end moved it: to move it again would take away what Lambda waits for.
    const before = waits ? await look() : undefined;
    if (before && isMoving(move, before)) return trafficMoved(aws, move, before, call);
    try {
      if (expected === null) {
        await lambda.createAlias({ ...alias, ...(share ? routing : {}) }, http);
      } else {
        await lambda.updateAlias({ ...alias, ...routing, RevisionId: expected }, http);
      }
    } catch (error) {
      if (!isNamed(error, 'ResourceConflictException', 'PreconditionFailedException')) throw error;
      // Instances that are being started for the version before.
      if (passingStage(error) !== undefined) throw error;
      const found = await lambda.getAlias({ FunctionName: target.physicalName, Name: LIVE }, http);
      if (!isSameAlias(found, alias, weights)) {
        throw conflict(target, 'another deploy made its version live first');
      }
    }
    return waits ? trafficMoved(aws, move, await look(), call) : { done: true };
  });
};

/** A version that was not published just now tells itself when that was, and which zip it has. */
async function completed(
  aws: AwsClients,
  target: Target,
  version: string,
  note: VersionNote,
  call: CallContext,
): Promise<VersionNote> {
  const raw = await readConfiguration(aws, target, call, version);
  const { codeSha256, createdAt } = published(raw);
  return { ...note, codeSha256: codeSha256 === '' ? null : codeSha256, createdAt };
}

function isSameAlias(
  found: AliasConfiguration,
  wish: { readonly FunctionVersion: string; readonly Description: string },
  weights: Readonly<Record<string, number>>,
): boolean {
  const shares = found.RoutingConfig?.AdditionalVersionWeights ?? {};
  return (
    found.FunctionVersion === wish.FunctionVersion &&
    found.Description === wish.Description &&
    (rollsFrom(shares) !== undefined || sameJson(shares, weights))
  );
}

/** Lambda itself refuses to delete what an alias points to. */
export const deleteVersions: Executor = async (aws, step, call) => {
  const { target, versions } = inputOf<{ versions: readonly string[] }>(step);
  const lambda = await aws.lambda();
  for (const version of versions) {
    try {
      await lambda.deleteFunction(
        { FunctionName: target.physicalName, Qualifier: version },
        { abortSignal: call.signal },
      );
    } catch (error) {
      if (!isMissing(error) && !isNamed(error, 'ResourceConflictException')) throw error;
    }
  }
  return { done: true };
};

export const retireVersions: Executor = async (aws, step, call) => {
  const { target, newest, previous, mayExceed, served, keepVersions } = inputOf<{
    newest: string;
    previous: string | null;
    mayExceed: boolean;
    served: string | null;
    keepVersions: number;
  }>(step);
  const hasSkipped = served !== null && Number(newest) - Number(served) > 1;
  if (!mayExceed && !hasSkipped && Number(newest) <= keepVersions) return { done: true };
  const lambda = await aws.lambda();
  const listed: PublishedVersion[] = [];
  let marker: string | undefined;
  do {
    const page = await lambda.listVersionsByFunction(
      {
        FunctionName: target.physicalName,
        ...(marker === undefined ? {} : { Marker: marker }),
      },
      { abortSignal: call.signal },
    );
    for (const { Version, Description } of page.Versions ?? []) {
      if (Version === undefined || Version === '$LATEST') continue;
      // One that is newer than what was published just now is another deploy's, which is about to make it live.
      if (!mayExceed && Number(Version) > Number(newest)) continue;
      listed.push({ version: Version, before: decodeNote(Description)?.newest ?? null });
    }
    marker = page.NextMarker === '' ? undefined : page.NextMarker;
  } while (marker !== undefined);
  // What served until now stays longest.
  const first = [newest, ...(previous === null ? [] : [previous])];
  const standing = standings(listed, mayExceed ? served : newest, first);
  const versions = listed.map(({ version }) => version).filter((version) => !standing.has(version));
  const skipped = [...standing.keys()].filter((version) => standing.get(version) === 'skipped');
  const rest = versions
    .filter((version) => !first.includes(version))
    .toSorted((a, b) => Number(b) - Number(a));
  const kept = new Set(
    [...new Set(first)]
      .filter((version) => versions.includes(version))
      .concat(rest)
      .slice(0, keepVersions),
  );
  const doomed = versions.filter((version) => !kept.has(version));
  return deleteVersions(
    aws,
    { ...step, input: { ...step.input, versions: [...doomed, ...skipped] } },
    call,
  );
};

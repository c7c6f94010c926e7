/** Brings one version, with one set of bindings, into service: what deploys, events and rollbacks have in common. */
import {
  digestOf,
  sameJson,
  type Binding,
  type FromRef,
  type FunctionRef,
  type Step,
  type Warning,
} from 'polyfaas/spi';
import { knownSince, topicIds } from '../events/policies.ts';
import { envVariable } from '../manifest.ts';
import type { Target, VercelObserved } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import type { VersionNote } from '../record.ts';
import type { DeploymentInput } from '../steps.ts';
import { encodeApplied, type AppliedSettings } from './applied.ts';
import { closedWarnings } from './closed.ts';
import { targetOf } from './parts.ts';
import {
  bypassSteps,
  checkSecretsSteps,
  envSteps,
  filesSteps,
  hasOtherEnv,
  keysSteps,
  lacksKeys,
  linkSecretsSteps,
  missingSecrets,
  refuseUnknownFiles,
} from './prepare.ts';
import { DEPLOYMENT, deploymentStep, retireStep, switchStep, verifyStep } from './publish.ts';
import {
  betweenRecords,
  fitsVariable,
  recordStep,
  type PendingNote,
  type RecordWish,
} from './records.ts';
import type { DeployedState } from './state.ts';
import { droppedVersions, untilGone, type KeptNote } from './versions.ts';
import { deploymentWish, urlOf, type DeploymentWish, type VersionWish } from './wish.ts';

export interface ReleaseWish {
  readonly note: VersionWish;
  /** All that are there in the end. */
  readonly bindings: readonly Binding[];
  /** But for `keys`, which what is observed tells. */
  readonly applied: AppliedSettings;
  readonly source: DeploymentInput['source'];
  /** The plain variables of the version; null: those that are kept. */
  readonly env: Readonly<Record<string, string>> | null;
  /** As declared, by the variable that holds each. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Null: all stay. */
  readonly keepVersions: number | null;
  /** How a deployment that is there comes into service. One that is made is promoted. */
  readonly switchBy: 'promote' | 'rollback';
}

export interface Release {
  /** Empty when all is as wished. */
  readonly steps: readonly Step[];
  /** What production traffic reaches is as wished, whatever else is to be done. */
  readonly isServed: boolean;
  readonly url: string | FromRef | null;
  /** Of what is done, and the standing ones. */
  readonly warnings: readonly Warning[];
  /** Of what is so whether something is done or not. */
  readonly standing: readonly Warning[];
}

/** A release, once it is known what becomes of the deployments. */
interface Outline extends ReleaseWish {
  readonly target: Target;
  readonly observed: VercelObserved;
  readonly state: DeployedState;
  readonly wish: DeploymentWish;
  /** The version as it is kept; undefined for a new one. */
  readonly present: KeptNote | undefined;
  /** No kept deployment of the version was made with these settings. */
  readonly creates: boolean;
  readonly switches: boolean;
  /** Versions that go: old ones, and one that went live by a deploy that did not come to its end. */
  readonly dropped: readonly string[];
}

export function planRelease(
  platform: PlatformSettings,
  ref: FunctionRef,
  observed: VercelObserved,
  state: DeployedState,
  parts: ReleaseWish,
): Release {
  const { live, kept } = state;
  const { bindings, keepVersions } = parts;
  const present = kept.find(({ digest }) => digest === parts.note.digest);
  const note = withRenewal(parts.note, present, observed, state);
  const applied = { ...parts.applied, keys: keysOf(observed, state) };
  const wish = deploymentWish(ref, platform, { note, bindings, applied });
  // One that is not known to have served is found again by the step that makes it.
  const creates = present?.deployment.digest !== wish.digest || present.createdAt === null;
  // What was begun may have been another switch: whether it is over, and where it led, is looked at once more.
  const switches = creates || present !== live || state.isUnfinished;
  const dropped = kept
    .filter((one) => one !== present && one.createdAt === null)
    .map(({ version }) => version);
  if (keepVersions !== null) {
    const options = { previous: live?.version ?? null, keepVersions };
    dropped.push(...droppedVersions(kept, note.version, options));
  }
  const outline: Outline = {
    ...parts,
    note,
    applied,
    target: targetOf(platform, ref, observed),
    observed,
    state,
    wish,
    present,
    creates,
    switches,
    dropped,
  };
  const origin = switches
    ? { $from: `${switchOf(outline)}.url` }
    : (observed.description?.url ?? null);
  const standing = closedWarnings(ref, observed, bindings, applied.domain);
  return {
    steps: stepsOf(outline),
    isServed: live?.deployment.digest === wish.digest,
    url: urlOf(bindings, applied, observed, origin),
    warnings: [...warningsOf(ref, outline), ...standing],
    standing,
  };
}

/** Deployments of before do not know keys that are made anew because somebody deleted them. */
function keysOf(observed: VercelObserved, { number, kept, before }: DeployedState): number {
  const areLost = number !== null && kept.length > 0 && lacksKeys(observed);
  return areLost ? number : (before?.keys ?? 0);
}

/** It is not known what deployments of before were made with, once a hand was in it. */
function withRenewal(
  note: VersionWish,
  present: KeptNote | undefined,
  observed: VercelObserved,
  { number }: DeployedState,
): VersionWish {
  const { env, ...rest } = note;
  if (env === undefined) return note;
  const before = present?.env?.renewal ?? 0;
  const renewal = hasOtherEnv(observed, note) ? (number ?? before) : before;
  return { ...rest, env: { ...env, renewal } };
}

function switchOf({ creates, switchBy }: Outline): 'promote' | 'rollback' {
  return creates ? 'promote' : switchBy;
}

function stepsOf(outline: Outline): readonly Step[] {
  const { target, observed, state, note, wish, creates } = outline;
  const { claim, noted, final } = recordsOf(outline);
  const { next } = claim;
  const missing = creates ? missingSecrets(observed, outline.secrets) : {};
  const work: readonly Step[] = [
    ...bypassSteps(target, observed),
    ...(creates
      ? keysSteps(target, observed, {
          keyId: outline.applied.keyId,
          appliedKeyId: state.before?.keyId ?? null,
          isOther: state.isUnfinished || state.before?.keyId !== outline.applied.keyId,
          needsCronSecret: wish.crons.length > 0,
        })
      : []),
    ...envSteps(target, observed, { note, env: outline.env, creates, expected: next }),
    ...linkSecretsSteps(target, missing),
    ...(creates ? deploymentSteps(outline, next) : []),
    ...(creates
      ? [
          // Traffic reaches nothing that the record does not know.
          recordStep(target, {
            id: 'noted',
            phase: 'switch',
            record: noted,
            topics: topicIds(outline.bindings),
            expected: { next },
          }),
        ]
      : []),
    ...switchSteps(outline, next),
    ...retireSteps(outline, final, next),
  ];
  if (work.length === 0 && sameJson(final, state.record)) return [];
  const checks = checkSecretsSteps(target, missing);
  return betweenRecords(target, observed, { checks, claim, work, final });
}

function recordsOf({ target, state, bindings, applied, wish, ...outline }: Outline): {
  readonly claim: RecordWish & { readonly next: string };
  readonly noted: RecordWish;
  readonly final: RecordWish;
} {
  const { record, live, kept, before, coming } = state;
  const { note, present, creates, dropped } = outline;
  const since = knownSince(bindings, record);
  const made: PendingNote = {
    ...note,
    deployment: {
      id: { $from: `${DEPLOYMENT}.id` },
      host: { $from: `${DEPLOYMENT}.host` },
      digest: wish.digest,
    },
    createdAt: present?.createdAt ?? { $from: `${DEPLOYMENT}.createdAt` },
  };
  const stays = ({ version }: KeptNote): boolean => !dropped.includes(version);
  // What becomes of its environment counts from the first write on: who dies after that has told it.
  const marked = <Note extends VersionNote>(one: Note): Note =>
    creates && note.env !== undefined && one.digest === note.digest
      ? { ...one, env: note.env }
      : one;
  // The switch waits until no other promotion is under way: only then is it known what does not go live.
  const known = untilGone(kept.map(marked), stays);
  const untilSwitch = [...known, ...coming];
  const after = kept.filter(stays);
  const versions = !creates
    ? after
    : present === undefined
      ? [...after, made]
      : after.map((one): PendingNote => (one === present ? made : one));
  const topics = topicIds(bindings);
  const leaving = Object.entries(record.since).filter(([id]) => !topics.includes(id));
  const { app, stage, name } = target.ref;
  const claim = {
    ...record,
    app,
    stage,
    name,
    next: digestOf({ deployment: wish.digest, applied, bindings, versions }),
    versions: creates ? record.versions.map(marked) : untilSwitch,
    since: { ...Object.fromEntries(leaving), ...since },
    // Until the switch, all is what it was.
    settings:
      before === null && !live ? '' : encodeApplied({ ...(before ?? applied), keys: applied.keys }),
  };
  const goingLive: PendingNote = { ...made, createdAt: null };
  const noted = { ...claim, versions: [...untilSwitch, goingLive] };
  const needed = known.filter((one) => stays(one) || one.version === live?.version);
  return {
    claim,
    // Fewer versions are a way out where the record has no room: then those that go make it.
    noted: fitsVariable(noted) ? noted : { ...claim, versions: [...needed, ...coming, goingLive] },
    final: {
      ...claim,
      live: note.version,
      next: null,
      versions,
      bindings,
      since,
      settings: encodeApplied(applied),
    },
  };
}

function deploymentSteps(outline: Outline, next: string): readonly Step[] {
  const { target, observed, note, wish, source, present } = outline;
  const isKept = source === 'kept';
  if (isKept) refuseUnknownFiles(target.ref, observed, note);
  return [
    ...(isKept ? [] : filesSteps(target, observed, note)),
    deploymentStep(target, note, wish, { source, expected: next, isAgain: present !== undefined }),
    verifyStep(target, note, next),
  ];
}

function switchSteps(outline: Outline, next: string): readonly Step[] {
  const { target, note, switches } = outline;
  if (!switches) return [];
  return [
    switchStep(target, {
      by: switchOf(outline),
      version: note.version,
      deploymentId: servingOf(outline),
      expected: next,
    }),
  ];
}

/** The deployment that is in production in the end. */
function servingOf({ present, creates }: Outline): string | FromRef {
  return creates || present === undefined ? { $from: `${DEPLOYMENT}.id` } : present.deployment.id;
}

/**
 * Also in a project that is taken over: it may be ours, and have lost its record. What somebody else deployed is left alone
 * by the step itself. Not in one that is new: another first deploy of the same, at the same time, would lose what it is
 * about to make live, and each could stop the other. What is left over then goes with a later deploy.
 */
function retireSteps(outline: Outline, { versions }: RecordWish, next: string): readonly Step[] {
  const { target, state, note, creates, dropped } = outline;
  if (target.projectId === null) return [];
  const { isUnfinished, gone, strays } = state;
  const isTooMuch = dropped.length + gone.length + strays.length > 0;
  if (!creates && !isUnfinished && !isTooMuch) return [];
  return [
    retireStep(target, {
      keep: versions.flatMap(({ deployment }) => (deployment === null ? [] : [deployment.id])),
      versions: versions.map(({ version }) => version),
      live: note.version,
      production: servingOf(outline),
      expected: next,
    }),
  ];
}

function warningsOf(
  ref: FunctionRef,
  { note, present, creates, observed, state: { gone, strays } }: Outline,
): readonly Warning[] {
  const { name } = ref;
  const isAgain = creates && present !== undefined && present.createdAt !== null;
  const republished: Warning = {
    type: 'republish',
    message: `Events, rules, keys and tags are a part of each deployment on Vercel: version ${note.version} of "${name}" is deployed again with the same code.`,
  };
  const lost: Warning = {
    type: 'drift',
    message: `Somebody deleted the deployments of ${gone.join(', ')}: nobody can go back to them.`,
  };
  const stray: Warning = {
    type: 'drift',
    message: `No version has ${strays.join(', ')}, which were deployed for "${name}": they are deleted.`,
  };
  const changed: Warning = {
    type: 'drift',
    message: `Somebody changed ${envVariable(note.version)}, the environment of version ${note.version} of "${name}": what was declared is written again, and the version deployed again, which may have been deployed with the change.`,
  };
  return [
    ...(isAgain ? [republished] : []),
    ...(gone.length > 0 ? [lost] : []),
    ...(strays.length > 0 ? [stray] : []),
    ...(hasOtherEnv(observed, note) ? [changed] : []),
  ];
}

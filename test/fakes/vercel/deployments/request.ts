/** What a client wishes with `POST /v13/deployments`. */
import { CreateDeploymentRequest$outboundSchema } from '@vercel/sdk/models/responsebodyimages.js';
import { badRequest } from '../core/fault.ts';
import { mapOf, textOf, type JsonMap } from '../core/json.ts';
import { wordsOf } from './vendor-issue.ts';

/** One file of a deployment. */
export interface WishedFile {
  /** Relative to the folder that was deployed, with slashes. */
  readonly path: string;
  /** As `stat` has it, with the kind of file. */
  readonly mode: number;
  readonly content:
    | { readonly sha: string; readonly size: number }
    | { readonly data: Buffer }
    | 'folder';
}

export interface DeploymentWish {
  /** The id or the name of the project, which goes before `name`. */
  readonly project: string | undefined;
  readonly name: string;
  readonly target: 'production' | 'preview';
  readonly meta: Readonly<Record<string, string>>;
  readonly autoAssign: boolean;
  readonly regions: readonly string[];
  readonly hasSettings: boolean;
  readonly files: readonly WishedFile[];
}

/** Of the vendor's schema, and what its own clients send beside them. */
const BODY_KEYS = new Set([
  'name',
  'project',
  'target',
  'meta',
  'files',
  'projectSettings',
  'gitMetadata',
  'version',
  'regions',
  'autoAssignCustomDomains',
]);
/** Known to Vercel; for what this is no place. */
const BUILDING_KEYS = new Set([
  'buildMachine',
  'customEnvironmentSlugOrId',
  'deploymentId',
  'gitAccessToken',
  'gitSource',
  'monorepoManager',
  'withLatestCommit',
]);
const FILE_KEYS = new Set(['file', 'sha', 'size', 'mode', 'data', 'encoding']);
const QUERY_KEYS = new Set([
  'teamId',
  'slug',
  'forceNew',
  'withCache',
  'skipAutoDetectionConfirmation',
  'prebuilt',
]);

const MOST_META = 100;
const META_LENGTH = 65_536;
const NAME = /^[a-z0-9._-]{1,100}$/;
const SHA = /^[0-9a-f]{40}$/;
const REGULAR_FILE = 0o100_644;
const KIND = 0o170_000;
const FOLDER = 0o040_000;

/** Throws a `VercelFault` for what Vercel refuses. */
export function deploymentWish(query: URLSearchParams, given: unknown): DeploymentWish {
  checkQuery(query);
  const body = mapOf(given);
  checkKeys(body);
  const checked = CreateDeploymentRequest$outboundSchema.safeParse({
    forceNew: query.get('forceNew') ?? undefined,
    skipAutoDetectionConfirmation: query.get('skipAutoDetectionConfirmation') ?? undefined,
    requestBody: body,
  });
  if (!checked.success) throw badRequest(`Invalid request: ${wordsOf(checked.error.issues)}`);
  const { name, project, meta = {} } = checked.data.RequestBody;
  if (!NAME.test(name) || name.includes('---')) {
    throw badRequest(
      "Project names can be up to 100 characters long and must be lowercase. They can include letters, digits, and the following characters: '.', '_', '-'. However, they cannot contain the sequence '---'.",
    );
  }
  checkMeta(meta);
  return {
    project,
    name,
    target: targetOf(body['target']),
    meta,
    autoAssign: isAutoAssigned(body['autoAssignCustomDomains']),
    regions: regionsOf(body['regions']),
    hasSettings: body['projectSettings'] !== undefined,
    files: filesOf(body['files']),
  };
}

function checkQuery(query: URLSearchParams): void {
  const unknown = [...query.keys()].find((key) => !QUERY_KEYS.has(key));
  if (unknown !== undefined) throw additional(unknown);
  if (query.get('prebuilt') !== '1') {
    throw badRequest('Only prebuilt deployments are taken here: `prebuilt=1` is missing.');
  }
}

function checkKeys(body: JsonMap): void {
  const key = Object.keys(body).find((one) => !BODY_KEYS.has(one));
  if (key === undefined) return;
  if (BUILDING_KEYS.has(key)) throw badRequest(`\`${key}\` is not for prebuilt deployments.`);
  throw additional(key);
}

function checkMeta(meta: Readonly<Record<string, string>>): void {
  const values = Object.values(meta);
  if (values.length > MOST_META) {
    throw badRequest(
      `Invalid request: \`meta\` should NOT have more than ${MOST_META} properties.`,
    );
  }
  if (values.some((value) => value.length > META_LENGTH)) {
    throw badRequest(
      `Invalid request: values of \`meta\` should NOT be longer than ${META_LENGTH} characters.`,
    );
  }
}

function targetOf(target: unknown): 'production' | 'preview' {
  if (target === undefined) return 'preview';
  if (target === 'production') return target;
  throw badRequest(
    `Invalid request: \`target\` should be "production", or left out for a preview; it is "${textOf(target)}".`,
  );
}

function isAutoAssigned(given: unknown): boolean {
  if (given === undefined || typeof given === 'boolean') return given ?? true;
  throw badRequest('Invalid request: `autoAssignCustomDomains` should be boolean.');
}

function regionsOf(given: unknown): readonly string[] {
  if (given === undefined) return [];
  if (Array.isArray(given)) return given.map((region: unknown) => textOf(region));
  throw badRequest('Invalid request: `regions` should be array.');
}

function filesOf(given: unknown): readonly WishedFile[] {
  const files = (Array.isArray(given) ? given : []).map(fileOf);
  if (files.length === 0) throw badRequest('Invalid request: `files` should NOT be empty.');
  const paths = new Set<string>();
  for (const { path } of files) {
    if (paths.has(path)) throw badRequest(`The file "${path}" is there twice.`);
    paths.add(path);
  }
  return files;
}

function fileOf(given: unknown, index: number): WishedFile {
  const file = mapOf(given);
  const { sha, size, data, mode = REGULAR_FILE, encoding } = file;
  const path = textOf(file['file']);
  const where = `\`files[${index}]\``;
  const unknown = Object.keys(file).find((key) => !FILE_KEYS.has(key));
  if (unknown !== undefined) {
    throw badRequest(
      `Invalid request: ${where} should NOT have additional property \`${unknown}\`.`,
    );
  }
  const names = path.split('/');
  if (names.some((name) => name === '' || name === '.' || name === '..') || path.includes('\\')) {
    throw badRequest(`Invalid request: ${where} has an invalid path "${path}".`);
  }
  if (typeof mode !== 'number' || !Number.isInteger(mode) || mode < 0) {
    throw badRequest(`Invalid request: ${where}.mode should be integer.`);
  }
  if ((mode & KIND) === FOLDER) return { path, mode, content: 'folder' };
  if (typeof data === 'string') {
    const bytes = Buffer.from(data, encoding === 'base64' ? 'base64' : 'utf8');
    return { path, mode, content: { data: bytes } };
  }
  if (typeof sha !== 'string' || !SHA.test(sha)) {
    throw badRequest(`Invalid request: ${where}.sha should be a SHA-1.`);
  }
  if (typeof size !== 'number') {
    throw badRequest(`Invalid request: ${where} misses required property \`size\`.`);
  }
  return { path, mode, content: { sha, size } };
}

function additional(key: string): Error {
  return badRequest(`Invalid request: should NOT have additional property \`${key}\`.`);
}

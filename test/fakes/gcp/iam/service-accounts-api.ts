/** IAM v1: https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts */
import { answerPolicyCall, requireRole } from '../core/access.ts';
import { GoogleFault } from '../core/fault.ts';
import { pageOf } from '../core/list-filter.ts';
import { mapOf, textOf, type JsonMap } from '../core/json.ts';
import type { Policies } from '../core/policies.ts';
import type { ApiService, RestCall, WireReply, World } from '../core/ports.ts';
import type { ServiceAccount, ServiceAccounts } from './accounts.ts';

export interface IamParts {
  readonly world: World;
  readonly accounts: ServiceAccounts;
  readonly policies: Policies;
}

const PATH = /^\/v1\/projects\/([^/]+)\/serviceAccounts(?:\/([^/:]+))?(?::(\w+))?$/;
const ACCOUNT_ID = /^[a-z][-a-z0-9]{4,28}[a-z0-9]$/;
const MOST_TEXT = { displayName: 100, description: 256 } as const;
const ADMIN = ['roles/iam.serviceAccountAdmin', 'roles/iam.admin'];

type Texts = Pick<ServiceAccount, 'displayName' | 'description'>;

export function createServiceAccountsApi(parts: IamParts): ApiService {
  const { accounts } = parts;
  return {
    api: 'iam',
    async handle(call) {
      const [, project, key, verb] = PATH.exec(call.path) ?? [];
      if (project === undefined) return undefined;
      if (key === undefined) return verb === undefined ? ofProject(parts, call) : undefined;
      return ofAccount(parts, call, { key, verb });
    },
    inventory: () => accounts.all.map(({ email }) => `service account ${email}`),
  };
}

function ofProject(parts: IamParts, call: RestCall): WireReply | undefined {
  const { accounts, world } = parts;
  const resource = `projects/${world.projectId}`;
  if (call.method === 'GET') {
    requireRole(world, call, {
      resource,
      permission: 'iam.serviceAccounts.list',
      roles: [...ADMIN, 'roles/iam.serviceAccountViewer'],
    });
    onlyFields(Object.fromEntries(call.query), ['pageSize', 'pageToken']);
    const page = {
      pageSize: Number(call.query.get('pageSize') ?? 0),
      pageToken: call.query.get('pageToken') ?? '',
    };
    const { items, ...rest } = pageOf(accounts.all, page, { most: 100, usual: 20 });
    return {
      status: 200,
      body: {
        ...(items.length > 0 && { accounts: items.map((one) => shown(parts, one)) }),
        ...rest,
      },
    };
  }
  if (call.method !== 'POST') return undefined;
  requireRole(world, call, {
    resource,
    permission: 'iam.serviceAccounts.create',
    roles: [...ADMIN, 'roles/iam.serviceAccountCreator'],
  });
  const body = mapOf(call.body);
  onlyFields(body, ['accountId', 'serviceAccount']);
  const accountId = textOf(body['accountId']);
  if (!ACCOUNT_ID.test(accountId)) {
    throw new GoogleFault(
      'INVALID_ARGUMENT',
      `Account ID "${accountId}" does not have a length between 6 and 30, or does not match "[a-z]([-a-z0-9]*[a-z0-9])".`,
    );
  }
  const texts = textsOf(body['serviceAccount'], 'service_account');
  const email = accounts.emailOf(accountId);
  if (accounts.find(email)) {
    throw new GoogleFault(
      'ALREADY_EXISTS',
      `Service account ${accountId} already exists within project ${resource}.`,
      {
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ResourceInfo',
            resourceName: `${resource}/serviceAccounts/${email}`,
          },
        ],
      },
    );
  }
  return { status: 200, body: shown(parts, accounts.put(email, texts)) };
}

function ofAccount(
  parts: IamParts,
  call: RestCall,
  { key, verb }: { readonly key: string; readonly verb: string | undefined },
): WireReply | undefined {
  const { accounts, policies, world } = parts;
  const account = accounts.find(key);
  const resource = `projects/${world.projectId}/serviceAccounts/${account?.email ?? key}`;
  requireRole(world, call, {
    resource,
    permission: permissionOf(call.method, verb),
    roles: call.method === 'GET' ? [...ADMIN, 'roles/iam.serviceAccountViewer'] : ADMIN,
  });
  if (!account) {
    // Only whoever asks for one to look at it is told no more than this.
    const message =
      call.method === 'GET'
        ? `Unknown service account: ${key}`
        : `Service account ${resource} does not exist.`;
    throw new GoogleFault('NOT_FOUND', message);
  }
  if (verb !== undefined) {
    if (call.method !== 'POST') return undefined;
    if (verb === 'disable' || verb === 'enable') {
      accounts.change(account, { isDisabled: verb === 'disable' });
      return { status: 200, body: {} };
    }
    return answerPolicyCall(world, resource, verb, call.body);
  }
  if (call.method === 'GET') return { status: 200, body: shown(parts, account) };
  if (call.method === 'DELETE') {
    accounts.delete(account.email);
    policies.delete(resource);
    policies.forget(account.email, account.uniqueId);
    return { status: 200, body: {} };
  }
  if (call.method !== 'PATCH') return undefined;
  const body = mapOf(call.body);
  onlyFields(body, ['serviceAccount', 'updateMask']);
  const wish = textsOf(body['serviceAccount'], 'service_account');
  const paths = textOf(body['updateMask']).split(',');
  for (const path of paths) {
    if (['displayName', 'display_name', 'description'].includes(path)) continue;
    throw new GoogleFault('INVALID_ARGUMENT', `Invalid update mask: "${path}".`);
  }
  const changed = accounts.change(account, {
    ...(paths.includes('description') && { description: wish.description }),
    ...(paths.some((path) => /^display_?name$/i.test(path)) && { displayName: wish.displayName }),
  });
  return { status: 200, body: shown(parts, changed) };
}

function permissionOf(method: string, verb: string | undefined): string {
  const verbs: Readonly<Record<string, string>> = { GET: 'get', DELETE: 'delete', PATCH: 'update' };
  return `iam.serviceAccounts.${verb ?? verbs[method] ?? 'update'}`;
}

function textsOf(json: unknown, at: string): Texts {
  const account = mapOf(json);
  onlyFields(account, ['name', 'email', 'etag', 'displayName', 'description'], at);
  const texts = {
    displayName: textOf(account['displayName']),
    description: textOf(account['description']),
  };
  for (const name of ['displayName', 'description'] as const) {
    if (Buffer.byteLength(texts[name]) <= MOST_TEXT[name]) continue;
    throw new GoogleFault(
      'INVALID_ARGUMENT',
      `The ${name} of a service account must be at most ${MOST_TEXT[name]} bytes.`,
    );
  }
  return texts;
}

export function onlyFields(map: JsonMap, names: readonly string[], at = ''): void {
  for (const name of Object.keys(map)) {
    if (names.includes(name) || name.startsWith('$') || name === 'alt') continue;
    const where = at === '' ? '' : ` at '${at}'`;
    throw new GoogleFault(
      'INVALID_ARGUMENT',
      `Invalid JSON payload received. Unknown name "${name}"${where}: Cannot find field.`,
    );
  }
}

function shown({ world }: IamParts, account: ServiceAccount): object {
  const { email, uniqueId, displayName, description, isDisabled, etag } = account;
  return {
    name: `projects/${world.projectId}/serviceAccounts/${email}`,
    projectId: world.projectId,
    uniqueId,
    email,
    ...(displayName !== '' && { displayName }),
    etag,
    ...(description !== '' && { description }),
    oauth2ClientId: uniqueId,
    ...(isDisabled && { disabled: true }),
  };
}

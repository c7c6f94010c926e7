/** Policy documents: what IAM accepts, and what a policy comes to. */
import { isObject } from '../core/operation.ts';
import { AwsFault } from '../core/service.ts';

export interface PolicyStatement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly resources: readonly string[];
  readonly notResources: readonly string[];
  /** `{ Service: [...], AWS: [...] }`; empty in identity policies. */
  readonly principals: Readonly<Record<string, readonly string[]>>;
  readonly conditions: readonly PolicyCondition[];
}

export interface PolicyCondition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** What is known of a request besides its action and resource, by condition key in lower case. */
export type PolicyContext = Readonly<Record<string, string>>;

const MEMBERS = new Set([
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'NotPrincipal',
  'Condition',
]);
const OPERATORS = new Set([
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
  'ArnEquals',
  'ArnLike',
  'ArnNotEquals',
  'ArnNotLike',
  'Bool',
  'Null',
]);

function malformed(message: string): AwsFault {
  return new AwsFault(400, 'MalformedPolicyDocument', message);
}

/** Reads a policy, and refuses what IAM refuses. */
export function parsePolicy(
  document: string,
  kind: 'identity' | 'trust',
): readonly PolicyStatement[] {
  let value: unknown;
  try {
    value = JSON.parse(document);
  } catch {
    throw malformed('This policy contains invalid Json');
  }
  if (!isObject(value)) throw malformed('Syntax errors in policy.');
  const unknown = Object.keys(value).find((key) => !['Version', 'Id', 'Statement'].includes(key));
  if (unknown !== undefined) throw malformed(`Syntax errors in policy. Unknown field ${unknown}`);
  const version = value['Version'] ?? '2008-10-17';
  if (version !== '2012-10-17' && version !== '2008-10-17') {
    throw malformed('The policy must contain a valid version string.');
  }
  const given = Array.isArray(value['Statement']) ? value['Statement'] : [value['Statement']];
  if (given.length === 0) throw malformed('Policy statement must contain at least one statement.');
  const sids = new Set<string>();
  return given.map((statement) => parseStatement(statement, kind, sids));
}

function parseStatement(
  value: unknown,
  kind: 'identity' | 'trust',
  sids: Set<string>,
): PolicyStatement {
  if (!isObject(value)) throw malformed('Syntax errors in policy.');
  const unknown = Object.keys(value).find((key) => !MEMBERS.has(key));
  if (unknown !== undefined) throw malformed(`Syntax errors in policy. Unknown field ${unknown}`);
  checkSid(value['Sid'], sids);
  const effect = value['Effect'];
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed('Syntax errors in policy.');
  const actions = textsOf(value['Action']);
  const notActions = textsOf(value['NotAction']);
  if (actions.length + notActions.length === 0) {
    throw malformed('Policy statement must contain actions.');
  }
  for (const action of [...actions, ...notActions]) {
    if (action !== '*' && !/^[\w-]+:[\w*?]+$/.test(action)) {
      throw malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
    }
  }
  const resources = textsOf(value['Resource']);
  const notResources = textsOf(value['NotResource']);
  checkResources([...resources, ...notResources], kind);
  const principals = parsePrincipal(value['Principal'], kind);
  const conditions = parseConditions(value['Condition']);
  return { effect, actions, notActions, resources, notResources, principals, conditions };
}

function checkSid(sid: unknown, sids: Set<string>): void {
  if (sid === undefined || sid === '') return;
  if (typeof sid !== 'string' || !/^[\dA-Za-z]+$/.test(sid)) {
    throw malformed(
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    );
  }
  if (sids.has(sid)) throw malformed('Statement IDs (SID) in a single policy must be unique.');
  sids.add(sid);
}

function checkResources(resources: readonly string[], kind: 'identity' | 'trust'): void {
  if (kind === 'trust') {
    if (resources.length > 0) throw malformed('Has prohibited field Resource');
    return;
  }
  if (resources.length === 0) throw malformed('Policy statement must contain resources.');
  for (const resource of resources) {
    if (resource !== '*' && !/^arn:[^:]*:[^:]*:[^:]*:[^:]*:.+$/.test(resource)) {
      throw malformed(`Resource ${resource} must be in ARN format or "*".`);
    }
  }
}

function parsePrincipal(
  value: unknown,
  kind: 'identity' | 'trust',
): Readonly<Record<string, readonly string[]>> {
  if (kind === 'identity') {
    if (value !== undefined) {
      throw malformed('Policy document should not specify a principal.');
    }
    return {};
  }
  if (value === '*') return { AWS: ['*'] };
  if (!isObject(value)) throw malformed('Missing required field Principal');
  const found: Record<string, readonly string[]> = {};
  for (const [type, names] of Object.entries(value)) {
    if (!['AWS', 'Service', 'Federated', 'CanonicalUser'].includes(type)) {
      throw malformed(`Invalid principal in policy: "${type}"`);
    }
    found[type] = textsOf(names);
    const wrong =
      type === 'Service' && found[type].find((name) => !/^[\w.-]+\.amazonaws\.com$/.test(name));
    if (wrong) throw malformed(`Invalid principal in policy: "SERVICE":"${wrong}"`);
  }
  return found;
}

function parseConditions(value: unknown): readonly PolicyCondition[] {
  if (value === undefined) return [];
  if (!isObject(value)) throw malformed('Syntax errors in policy.');
  return Object.entries(value).flatMap(([operator, keys]) => {
    if (!OPERATORS.has(operator.replace(/IfExists$/, ''))) {
      throw malformed(`Invalid Condition type : ${operator}.`);
    }
    if (!isObject(keys)) throw malformed('Syntax errors in policy.');
    return Object.entries(keys).map(([key, values]) => ({
      operator,
      key: key.toLowerCase(),
      values: textsOf(values),
    }));
  });
}

function textsOf(value: unknown): readonly string[] {
  if (value === undefined) return [];
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.map((each) => {
    if (typeof each === 'boolean') return String(each);
    if (typeof each !== 'string' || each === '') throw malformed('Syntax errors in policy.');
    return each;
  });
}

/** What the statements say: a Deny beats every Allow, and what nobody speaks of is undefined. */
export function decide(
  statements: readonly PolicyStatement[],
  action: string,
  resource: string,
  context: PolicyContext = {},
): 'Allow' | 'Deny' | undefined {
  const effects = statements
    .filter((statement) => covers(statement, action, resource))
    .filter(({ conditions }) => conditions.every((condition) => holds(condition, context)))
    .map(({ effect }) => effect);
  if (effects.includes('Deny')) return 'Deny';
  return effects.at(0);
}

/** Whether a trust policy lets a principal assume the role. */
export function trusts(
  statements: readonly PolicyStatement[],
  type: 'Service' | 'AWS',
  names: readonly string[],
  context: PolicyContext = {},
): boolean {
  const named = statements.filter(({ principals }) =>
    principals[type]?.some((name) => name === '*' || names.includes(name)),
  );
  return decide(named, 'sts:AssumeRole', '', context) === 'Allow';
}

function covers(statement: PolicyStatement, action: string, resource: string): boolean {
  const isAction =
    statement.actions.length > 0
      ? statement.actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase()))
      : !statement.notActions.some((pattern) =>
          matches(pattern.toLowerCase(), action.toLowerCase()),
        );
  if (!isAction) return false;
  if (statement.notResources.length > 0) {
    return !statement.notResources.some((pattern) => matches(pattern, resource));
  }
  // A trust policy has no resources: it is about its own role.
  if (statement.resources.length === 0) return true;
  return statement.resources.some((pattern) => matches(pattern, resource));
}

function holds(condition: PolicyCondition, context: PolicyContext): boolean {
  const isOptional = condition.operator.endsWith('IfExists');
  const operator = condition.operator.replace(/IfExists$/, '');
  const actual = context[condition.key];
  if (operator === 'Null') return condition.values.includes(String(actual === undefined));
  const isNegative = operator.includes('Not');
  if (actual === undefined) return isOptional || isNegative;
  const isMatch = condition.values.some((value) => compare(operator, value, actual));
  return isNegative ? !isMatch : isMatch;
}

function compare(operator: string, value: string, actual: string): boolean {
  if (/Like$|^Arn/.test(operator)) return matches(value, actual);
  if (operator === 'StringEqualsIgnoreCase' || operator === 'Bool') {
    return value.toLowerCase() === actual.toLowerCase();
  }
  return value === actual;
}

/** `*` and `?` as in policies. */
function matches(pattern: string, value: string): boolean {
  const source = pattern
    .replaceAll(/[\\^$.|+()[\]{}]/g, String.raw`\$&`)
    .replaceAll('*', '[^]*')
    .replaceAll('?', '[^]');
  return new RegExp(`^${source}$`).test(value);
}

/** Rules of subscriptions: which messages of the topic they take. */
import { mapOf, textOf, type JsonMap } from '../core/json.ts';
import { badRequest, conflicting, entityNotFound } from './faults.ts';
import { correlationView, sqlView, type MessageDraft } from './message.ts';
import { readFields } from './resource-tree/fields.ts';
import { AT_ONCE, type TypeRules, type Wish, type Wished } from './resource-tree/resource.ts';
import { SqlProblem } from './sql/lexer.ts';
import { parseSql, type SqlValue } from './sql/parse.ts';

/** What a subscription begins with. */
export const DEFAULT_RULE: JsonMap = {
  action: {},
  filterType: 'SqlFilter',
  sqlFilter: { sqlExpression: '1=1', compatibilityLevel: 20 },
};

/** Service Bus quotas. */
const LONGEST_SQL = 1024;
const CORRELATION_FIELDS = [
  'correlationId',
  'messageId',
  'to',
  'replyTo',
  'label',
  'sessionId',
  'replyToSessionId',
  'contentType',
];

export function ruleRules(apiVersions: readonly string[]): TypeRules {
  return {
    type: 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules',
    label: 'service bus rule',
    apiVersions,
    isTracked: false,
    createdStatus: 200,
    creation: AT_ONCE,
    deletion: AT_ONCE,
    checkName(name) {
      if (!/^[A-Za-z0-9$][\w.$-]{0,49}$/.test(name)) {
        throw badRequest(`The rule's name '${name}' must have 1 to 50 characters.`);
      }
    },
    wish: wished,
    shown: ({ properties }) => properties,
    busy: ({ name }) => conflicting(name),
    notFound: (name) => entityNotFound('Rule', name),
  };
}

function wished({ properties }: Wish): Wished {
  const fields = readFields(properties, badRequest);
  const action = fields.map('action') ?? {};
  if (textOf(action['sqlExpression']) !== '') {
    throw badRequest('This fake does not know the actions of rules.');
  }
  const type =
    fields.word('filterType', ['SqlFilter', 'CorrelationFilter']) ??
    (properties['correlationFilter'] === undefined ? 'SqlFilter' : 'CorrelationFilter');
  if (type === 'SqlFilter') {
    const sqlExpression = textOf(mapOf(fields.map('sqlFilter'))['sqlExpression']) || '1=1';
    checkSql(sqlExpression);
    return {
      properties: {
        action,
        filterType: type,
        sqlFilter: { sqlExpression, compatibilityLevel: 20 },
      },
    };
  }
  const filter = mapOf(fields.map('correlationFilter'));
  checkCorrelation(filter);
  return { properties: { action, filterType: type, correlationFilter: filter } };
}

function checkSql(sql: string): void {
  if (sql.length > LONGEST_SQL) {
    throw badRequest(
      `The sql expression has ${sql.length} characters; ${LONGEST_SQL} are allowed.`,
    );
  }
  try {
    parseSql(sql);
  } catch (error) {
    if (!(error instanceof SqlProblem)) throw error;
    throw badRequest(`There was an error parsing the SQL expression '${sql}': ${error.message}.`);
  }
}

function checkCorrelation(filter: JsonMap): void {
  const fields = readFields(filter, badRequest);
  const named = CORRELATION_FIELDS.filter((name) => fields.text(name) !== undefined);
  const properties = Object.values(mapOf(fields.map('properties')));
  if (properties.some((value) => typeof value !== 'string')) {
    throw badRequest('The properties of a correlation filter must be texts.');
  }
  if (named.length + properties.length === 0) {
    throw badRequest('A correlation filter must name at least one property.');
  }
}

/** Whether a message fits a rule. */
export function matcherOf(rule: JsonMap): (message: MessageDraft) => boolean {
  if (rule['filterType'] === 'CorrelationFilter')
    return correlates(mapOf(rule['correlationFilter']));
  const fits = parseSql(textOf(mapOf(rule['sqlFilter'])['sqlExpression']));
  return (message) => fits(sqlView(message));
}

function correlates(filter: JsonMap): (message: MessageDraft) => boolean {
  const wanted = CORRELATION_FIELDS.map((name) => [name.toLowerCase(), filter[name]] as const);
  const user = Object.entries(mapOf(filter['properties']));
  return (message) => {
    const system = correlationView(message);
    const own = sqlView(message).user;
    return (
      wanted.every(
        ([name, value]) => value === undefined || value === null || system[name] === value,
      ) && user.every(([name, value]) => isSame(own[name.toLowerCase()], value))
    );
  };
}

function isSame(value: SqlValue | undefined, wanted: unknown): boolean {
  return value !== undefined && value !== null && value === wanted;
}

/** Whether a queue's policy lets a service of AWS send. As much of the policy language as such policies use. */
import { isObject } from '../core/operation.ts';

/** Who wants to send, on behalf of what. */
export interface Sender {
  /** `sns.amazonaws.com` */
  readonly principal: string;
  readonly sourceArn: string;
  readonly account: string;
}

/** A `Deny` that fits beats every `Allow`; what is not understood in a condition does not fit. */
export function policyAllowsSend(policy: string | undefined, arn: string, sender: Sender): boolean {
  if (policy === undefined || policy === '') return false;
  const document: unknown = JSON.parse(policy);
  const statements = isObject(document) ? listOf(document['Statement']) : [];
  const fitting = statements.filter(
    (each) =>
      isObject(each) &&
      fitsPrincipal(each['Principal'], sender.principal) &&
      listOf(each['Action']).some((action) =>
        like(text(action).toLowerCase(), 'sqs:sendmessage'),
      ) &&
      listOf(each['Resource']).some((resource) => like(text(resource), arn)) &&
      fitsConditions(each['Condition'], sender),
  );
  const effects = new Set(fitting.map((each) => (isObject(each) ? each['Effect'] : undefined)));
  return effects.has('Allow') && !effects.has('Deny');
}

function fitsPrincipal(principal: unknown, service: string): boolean {
  if (principal === '*') return true;
  if (!isObject(principal)) return false;
  return (
    listOf(principal['AWS']).includes('*') ||
    listOf(principal['Service']).some((each) => each === service)
  );
}

function fitsConditions(conditions: unknown, sender: Sender): boolean {
  if (!isObject(conditions)) return conditions === undefined;
  return Object.entries(conditions).every(
    ([operator, wanted]) =>
      isObject(wanted) &&
      Object.entries(wanted).every(([key, values]) => fits(operator, key, listOf(values), sender)),
  );
}

function fits(operator: string, key: string, values: readonly unknown[], sender: Sender): boolean {
  const name = key.toLowerCase();
  const actual =
    name === 'aws:sourcearn'
      ? sender.sourceArn
      : name === 'aws:sourceaccount'
        ? sender.account
        : undefined;
  if (actual === undefined) return false;
  if (operator === 'StringEquals') return values.includes(actual);
  const isLike = operator === 'ArnEquals' || operator === 'ArnLike' || operator === 'StringLike';
  return isLike && values.some((value) => like(text(value), actual));
}

function like(pattern: string, value: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '[^]*')
    .replaceAll('?', '[^]');
  return new RegExp(`^${source}$`).test(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

import { headerOf } from '../../shared/runtime/header-list.ts';
import type { JsonMap } from '../core/json.ts';
import { mapOf, textOf } from '../core/json.ts';
import type { RoutedRequest } from './routes.ts';

/** One entry of `has` or `missing` of a route: https://vercel.com/docs/build-output-api/configuration#source-route */
export function isHeld({ type, key, value }: JsonMap, request: RoutedRequest): boolean {
  const found = foundBy(textOf(type), textOf(key), request);
  if (found === undefined) return false;
  if (value === undefined) return true;
  if (typeof value === 'string') return new RegExp(`^${value}$`).test(found);
  const { eq, pre, suf } = mapOf(value);
  return (
    (eq === undefined || found === eq) &&
    (pre === undefined || found.startsWith(textOf(pre))) &&
    (suf === undefined || found.endsWith(textOf(suf)))
  );
}

function foundBy(type: string, key: string, { headers, url }: RoutedRequest): string | undefined {
  if (type === 'host') return headerOf(headers, 'host');
  if (type === 'header') return headerOf(headers, key.toLowerCase());
  if (type === 'query') return new URLSearchParams(url.split('?')[1]).get(key) ?? undefined;
  const cookies = (headerOf(headers, 'cookie') ?? '').split(/;\s*/);
  return cookies.find((each) => each.startsWith(`${key}=`))?.slice(key.length + 1);
}

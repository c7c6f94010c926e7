/**
 * What Google's front says in place of a service.
 *
 * @see https://cloud.google.com/run/docs/troubleshooting
 */
import type { ServiceReply } from '../core/ports.ts';

function page(
  status: number,
  title: string,
  text: string,
  headers: readonly string[] = [],
): ServiceReply {
  const body = `\n<html><head>\n<meta http-equiv="content-type" content="text/html;charset=utf-8">\n<title>${status} ${title}</title>\n</head>\n<body text=#000000 bgcolor=#ffffff>\n<h1>Error: ${title}</h1>\n<h2>${text}</h2>\n<h2></h2>\n</body></html>\n`;
  return {
    status,
    headers: ['Content-Type', 'text/html; charset=UTF-8', ...headers],
    body: Buffer.from(body),
    fate: 'answered',
  };
}

/** Without a token, or with one that may not. */
export function forbidden(url: string): ServiceReply {
  return page(
    403,
    'Forbidden',
    `Your client does not have permission to get URL <code>${pathOf(url)}</code> from this server.`,
  );
}

/** With a token that is none, has ended, or is for somebody else. */
export function unauthorized(url: string): ServiceReply {
  return page(
    401,
    'Unauthorized',
    `Your client does not have permission to the requested URL <code>${pathOf(url)}</code>.`,
    [
      'WWW-Authenticate',
      'Bearer error="invalid_token" error_description="The access token could not be verified"',
    ],
  );
}

/** Where there is no service, or none for a caller from outside. */
export function missing(url: string): ServiceReply {
  return page(
    404,
    'Page not found',
    `The requested URL <code>${pathOf(url)}</code> was not found on this server.`,
  );
}

export function tooLarge(): ServiceReply {
  return page(413, 'Request Entity Too Large', 'Your client issued a request that was too large.');
}

function pathOf(url: string): string {
  return (url.split('?', 1)[0] ?? '').replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** One space between the fields, names in capitals, so that the same times are the same text. */
export function normalCron(cron: string): string {
  return cron.trim().split(/\s+/).join(' ').toUpperCase();
}

/**
 * A number with a comma between thousands: `1,048,576`.
 *
 * Not by `Intl`: the first formatter of a process loads its tables, and that takes longer than a whole schema.
 */
export function grouped(value: number): string {
  const [whole = '', fraction] = String(value).split('.');
  const groups = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

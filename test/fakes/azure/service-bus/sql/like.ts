/** `%` is any text, `_` is one character; what comes behind the escape sign stands for itself. */
export function likePattern(pattern: string, escape: string): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const sign = pattern.charAt(at);
    if (escape !== '' && sign === escape) {
      at += 1;
      source += literal(pattern.charAt(at));
    } else if (sign === '%') source += '.*';
    else source += sign === '_' ? '.' : literal(sign);
  }
  return new RegExp(`^${source}$`, 's');
}

function literal(sign: string): string {
  return sign.replace(/[\\^$.*+?()[\]{}|/-]/, String.raw`\$&`);
}

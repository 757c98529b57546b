/** Escapes and classes, in which nothing is an operator; openings of groups; operators; closings with what repeats the group. */
const TOKENS = /\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:<?[=!]|:|<\w+>))?|\)[*+{]?|[*+?{|]/gsu;

/**
 * True for an expression with a repeated group that, however deep, repeats something or offers a choice: the same text can be
 * read in many ways, and the time to find that it does not fit can grow exponentially with its length. Some that are fast are
 * refused with them.
 */
export function canExplode(source: string): boolean {
  const open: boolean[] = [];
  for (const [token] of source.matchAll(TOKENS)) {
    if (token.startsWith('(')) open.push(false);
    else if (token.startsWith(')')) {
      const isFree = open.pop() ?? false;
      if (isFree && token.length > 1) return true;
      // What a group holds, the group around it holds too; that it is repeated counts there.
      if (open.length > 0 && (isFree || token.length > 1)) open[open.length - 1] = true;
    } else if (open.length > 0 && /^[*+?{|]$/u.test(token)) open[open.length - 1] = true;
  }
  return false;
}

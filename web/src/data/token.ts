const KEY = 'grapevine token';

/** The token this tab asks with, if it was given one. It is kept until the tab is closed, and never in the address. */
export function currentToken(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}

/** Uses a token from now on. */
export function rememberToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}

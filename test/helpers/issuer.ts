import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';

/** Somebody who gives out JSON Web Tokens, with a server of their keys. */
export interface Issuer extends AsyncDisposable {
  readonly issuer: string;
  readonly keysUrl: string;
  /** The first key, as PEM. */
  readonly publicPem: string;
  /** How often the keys have been asked for. */
  readonly requests: () => number;
  /** A token with these claims, by default one that holds; signed with the key `kid`. */
  token(claims?: Readonly<Record<string, unknown>>, kid?: string): Promise<string>;
  /** Adds a key, as an issuer does now and then. */
  addKey(kid: string): Promise<void>;
  /** Answers otherwise from now on; with nothing, as before. */
  answer(how?: (response: ServerResponse) => void): void;
}

export const AUDIENCE = 'grapevine';

/** Starts an issuer on this machine. */
export async function startIssuer(): Promise<Issuer> {
  const issuer = 'https://login.example.com';
  const keys = new Map<string, { private: CryptoKey; public: object }>();
  let requests = 0;
  let answer: ((response: ServerResponse) => void) | undefined;
  const server = createServer((_, response) => {
    requests += 1;
    if (answer) return answer(response);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [...keys.values()].map((key) => key.public) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let publicPem = '';
  const addKey = async (kid: string) => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    keys.set(kid, { private: privateKey, public: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } });
    publicPem ||= await exportSPKI(publicKey);
  };
  await addKey('first');
  return {
    issuer,
    keysUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    publicPem,
    requests: () => requests,
    addKey,
    token: (claims = {}, kid = 'first') => {
      const seconds = Math.floor(Date.now() / 1000);
      const all = { iss: issuer, aud: AUDIENCE, sub: 'ada', scope: 'read', exp: seconds + 600, ...claims };
      return new SignJWT(all).setProtectedHeader({ alg: 'RS256', kid }).sign(keys.get(kid)?.private as CryptoKey);
    },
    answer: (how) => {
      answer = how;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** TLS towards the brokers. Certificates are always verified. */
export interface KafkaTls {
  /** PEM of the authority that signed the brokers' certificates; without it the system's authorities. */
  readonly ca?: string;
  /** PEM of this client's own certificate and key, for brokers that ask for one. */
  readonly cert?: string;
  readonly key?: string;
}

/** Said outright at every connection: left out, an environment variable of Node's could switch the verification off. */
export const VERIFIED = { rejectUnauthorized: true } as const;

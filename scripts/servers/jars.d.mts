/** A server whose jars can be fetched. */
export type ServerName = 'kafka' | 'neo4j' | 's3';

/** Folder that holds one sub-folder of jars per server and version: GRAPEVINE_SERVERS_DIR, else in the user's cache. */
export function serversDir(): string;

/** Path of the `java` command: the one of JAVA_HOME, else the one on the PATH. */
export function javaCommand(): string;

/** Throws, with how to get it, unless a JDK that can run both servers is at hand. */
export function requireJava(): void;

/** Whether the real servers can be started on this machine; `reason` says what is missing and how to get it. Does not touch the network. */
export function available(): { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Folder with all jars of a server, fetched first when it is missing; safe when several processes do it at once. */
export function ensureJars(name: ServerName, options?: { readonly signal?: AbortSignal | undefined }): Promise<string>;

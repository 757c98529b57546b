import type { ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';

/** Answers with a text. */
export function send(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}

/** Answers with a value as JSON. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, JSON.stringify(value), 'application/json; charset=utf-8');
}

/** Answers as GraphQL over HTTP does, whatever was asked for: a program finds the code where it always is. */
export function sendRefusal(response: ServerResponse, { message, extensions }: GraphQLError): void {
  const { code, http } = extensions;
  for (const [name, value] of Object.entries(http?.headers ?? {})) response.setHeader(name, value);
  sendJson(response, http?.status ?? 500, { errors: [{ message, extensions: { code } }] });
}

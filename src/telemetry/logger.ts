import { type Logger as PinoLogger, pino } from 'pino';

/** Structured log of one part of Grapevine. Messages are constant sentences; data goes into fields. */
export type Logger = PinoLogger;

/** How much is logged. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

const SECRETS = ['password', 'secret', 'token', '*.password', '*.secret', '*.token'];

/** The log of this process: JSON lines on stderr, so that stdout stays the command's own output. */
export function createLogger(level: LogLevel): Logger {
  return pino({ level, base: { app: 'grapevine' }, redact: SECRETS }, pino.destination({ fd: 2, sync: true }));
}

import { type ErrorCode, GrapevineError, messageOf } from '../../errors.ts';

/** What errors of the Kafka client carry beside their message. */
interface KafkaErrorShape {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/** An error, what caused it, and so on inwards; the client wraps the broker's answer several times. */
function* causesOf(error: unknown): Generator<KafkaErrorShape> {
  let current = error;
  for (let depth = 0; depth < 10 && typeof current === 'object' && current !== null; depth++) {
    const shape = current as KafkaErrorShape;
    yield shape;
    current = shape.cause ?? (Array.isArray(shape.errors) ? shape.errors[0] : undefined);
  }
}

/** The broker's error code by name, `MESSAGE_TOO_LARGE` for instance, when a broker's answer is behind the error. */
export function brokerErrorOf(error: unknown): string | undefined {
  for (const { type } of causesOf(error)) if (typeof type === 'string') return type;
  return undefined;
}

/** True when the error, or one behind it, has this name. */
export function isNamed(error: unknown, name: string): boolean {
  for (const cause of causesOf(error)) if (cause.name === name) return true;
  return false;
}

/** Puts what was being done in front of the client's sentence. */
export function kafkaError(
  code: ErrorCode,
  doing: string,
  error: unknown,
  options: { readonly retryable?: boolean; readonly next?: string } = {},
): GrapevineError {
  const next = options.next ? `; ${options.next}` : '';
  return new GrapevineError(code, `${doing}: ${messageOf(error)}${next}`, {
    retryable: options.retryable ?? false,
    cause: error,
  });
}

import type { Extraction } from '../domain/extraction.ts';

/**
 * Where extractions go: the `extractions` topic or straight into the graph.
 *
 * Calls take effect in the order they are made. The promise resolves when the effect is durable; it rejects only with
 * an error that a later attempt cannot mend, and then nothing of that extraction is in the sink.
 */
export interface ExtractionSink extends AsyncDisposable {
  write(extraction: Extraction): Promise<void>;
}

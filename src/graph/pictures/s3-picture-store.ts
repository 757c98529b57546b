import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { hashInName, type PictureStore, pictureName, THUMBNAIL_TYPE } from '../picture-store.ts';
import { storeFailure } from './store-failure.ts';

/** Where the bucket is and how to log in. */
export interface S3PictureStoreOptions {
  readonly bucket: string;
  /** Put before every name, with a slash between; may be empty. */
  readonly prefix: string;
  readonly region: string;
  /** URL of a server that is not Amazon's; its buckets are then asked for by path. */
  readonly endpoint?: string;
  /** Without them the usual places are looked into: environment, shared files, the machine's role. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Longest time for one request, milliseconds. */
  readonly timeoutMs: number;
}

const TRIES = 3;

/** Copies of pictures as objects in an S3-compatible bucket. */
export class S3PictureStore implements PictureStore {
  readonly #client: S3Client;
  readonly #options: S3PictureStoreOptions;

  constructor(options: S3PictureStoreOptions) {
    const { region, endpoint, credentials, timeoutMs } = options;
    this.#options = options;
    this.#client = new S3Client({
      region,
      maxAttempts: TRIES,
      requestHandler: { requestTimeout: timeoutMs, connectionTimeout: timeoutMs },
      // Servers that are not Amazon's often know no other checksums than the one in the signature.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      ...(endpoint && { endpoint, forcePathStyle: true }),
      ...(credentials && { credentials }),
    });
  }

  async put(sha256: string, thumbnail: Uint8Array): Promise<void> {
    const object = { ...this.#object(sha256), Body: thumbnail, ContentType: THUMBNAIL_TYPE };
    await this.#asking('keeping a picture', () => this.#client.send(new PutObjectCommand(object)));
  }

  async get(sha256: string): Promise<Uint8Array | undefined> {
    return this.#asking('reading a picture', async () => {
      const found = await this.#client.send(new GetObjectCommand(this.#object(sha256))).catch(unlessMissing);
      return found?.Body?.transformToByteArray();
    });
  }

  async has(sha256: string): Promise<boolean> {
    return this.#asking('looking for a picture', async () => {
      const found = await this.#client.send(new HeadObjectCommand(this.#object(sha256))).catch(unlessMissing);
      return found !== undefined;
    });
  }

  async delete(sha256: string): Promise<void> {
    await this.#asking('removing a picture', () => this.#client.send(new DeleteObjectCommand(this.#object(sha256))));
  }

  async *list(): AsyncIterable<string> {
    const { bucket: Bucket, prefix } = this.#options;
    const pages = paginateListObjectsV2(
      { client: this.#client },
      { Bucket, Prefix: prefix === '' ? '' : `${prefix}/` },
    );
    try {
      for await (const { Contents = [] } of pages) {
        for (const { Key = '' } of Contents) {
          const sha256 = hashInName(Key);
          if (sha256 !== undefined) yield sha256;
        }
      }
    } catch (error) {
      throw storeFailure('listing pictures', error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
  }

  #object(sha256: string): { readonly Bucket: string; readonly Key: string } {
    const { bucket, prefix } = this.#options;
    const name = pictureName(sha256);
    return { Bucket: bucket, Key: prefix === '' ? name : `${prefix}/${name}` };
  }

  async #asking<T>(doing: string, task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      throw storeFailure(`${doing} in bucket ${this.#options.bucket}`, error);
    }
  }
}

/** Undefined for an object that is not there; the bucket itself must be. */
function unlessMissing(error: unknown): undefined {
  const { name, $metadata } = error as { readonly name?: string; readonly $metadata?: { httpStatusCode?: number } };
  if (name === 'NoSuchKey' || (name === 'NotFound' && $metadata?.httpStatusCode === 404)) return undefined;
  throw error;
}

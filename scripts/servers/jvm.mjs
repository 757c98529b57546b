// @ts-check
/**
 * Java server processes that end with this process, whatever ends it.
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { javaCommand } from './jars.mjs';

const windows = process.platform === 'win32';
const startTimeoutMs = 180_000;
const stopGraceMs = 12_000;
const javaOptions = [
  '-XX:+UseSerialGC',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS',
  // Thousands of lines that repeat the settings at every start.
  '-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config.AbstractConfig=warn',
];
/** The quick compiler only: half the start time, and no slower within the minutes that a test takes. */
const quickCompiler = '-XX:TieredStopAtLevel=1';
const removal = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 };

/** @type {Set<Jvm>} */
const running = new Set();
/** @type {Set<string>} */
const temporaryFolders = new Set();

// A process that exits without stop() leaves neither servers nor their temporary data behind.
function cleanUpNow() {
  for (const jvm of running) jvm.killNow();
  for (const folder of temporaryFolders) rmSync(folder, removal);
}

/**
 * An empty folder that is removed by {@link removeTemporaryFolder}, or at the latest when this process exits.
 * @param {string} name first part of the folder's name
 */
export async function makeTemporaryFolder(name) {
  if (!process.listeners('exit').includes(cleanUpNow)) process.on('exit', cleanUpNow);
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  temporaryFolders.add(folder);
  return folder;
}

/** @param {string} folder made by {@link makeTemporaryFolder} */
export async function removeTemporaryFolder(folder) {
  await rm(folder, removal);
  temporaryFolders.delete(folder);
}

/**
 * What one server process is started from.
 * @typedef {object} JvmOptions
 * @property {string} title Name for messages.
 * @property {string} jars Folder of the jars.
 * @property {string} source File name of the Java launcher next to this script; it ends at the end of its stdin.
 * @property {readonly string[]} args Arguments of the launcher.
 * @property {string} heap Largest heap, as for -Xmx.
 * @property {boolean | undefined} [isMeasured] Compiles as a server in production does.
 * @property {string} logFile Receives all output, appended.
 * @property {string} marker Text in the log that says that the server has started.
 * @property {() => Promise<boolean>} answers Whether the server answers on its port.
 * @property {string} [input] First text on stdin.
 * @property {AbortSignal | undefined} [signal] Gives up waiting for the start.
 * @property {((error: Error) => void) | undefined} [onExit] Called when a started server ends without having been told to.
 */

/** One Java server process. */
export class Jvm {
  #options;
  #child;
  #logStart;
  #told = false;
  #ready = false;
  /** @type {string | undefined} */
  #end;
  /** @type {Promise<void>} */
  #ended;

  /** @param {JvmOptions} options */
  constructor(options) {
    this.#options = options;
    const { jars, source, args, heap, logFile, input, isMeasured = false } = options;
    this.#logStart = existsSync(logFile) ? statSync(logFile).size : 0;
    if (!process.listeners('exit').includes(cleanUpNow)) process.on('exit', cleanUpNow);
    const log = openSync(logFile, 'a');
    const launcher = fileURLToPath(new URL(source, import.meta.url));
    const compiler = isMeasured ? [] : [quickCompiler];
    const java = [`-Xmx${heap}`, ...javaOptions, ...compiler, '-cp', join(jars, '*'), launcher, ...args];
    // A process group of its own keeps Ctrl-C in a terminal from ending the server before this process decides how.
    this.#child = spawn(javaCommand(), java, { stdio: ['pipe', log, log], detached: !windows, windowsHide: true });
    closeSync(log);
    running.add(this);
    this.#ended = new Promise((resolve) => {
      /** @param {string} how */
      const ended = (how) => {
        this.#end ??= how;
        running.delete(this);
        resolve();
      };
      this.#child.once('error', (error) => ended(error.message));
      this.#child.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
    });
    // Writing to a process that has ended already is no error: its end is reported on its own.
    this.#child.stdin?.on('error', () => undefined);
    if (input !== undefined) this.#child.stdin?.write(input);
    void this.#ended.then(() => {
      if (this.#ready && !this.#told) options.onExit?.(this.#failure('ended by itself'));
    });
  }

  /** Process id; undefined when Java could not be started at all. */
  get pid() {
    return this.#child.pid;
  }

  get isRunning() {
    return this.#end === undefined;
  }

  /** Waits until the server answers; on failure the process is gone and the error shows the last lines of its log. */
  async ready() {
    const { title, marker, answers, signal } = this.#options;
    const deadline = Date.now() + startTimeoutMs;
    try {
      while (!(this.#log().includes(marker) && (await answers()))) {
        if (signal?.aborted) throw new Error(`The start of ${title} was called off.`);
        if (!this.isRunning) throw this.#failure('ended while it started');
        if (Date.now() > deadline) throw this.#failure(`did not answer within ${startTimeoutMs / 1000} s`);
        await Promise.race([sleep(150), this.#ended]);
      }
      this.#ready = true;
    } catch (error) {
      await this.kill('SIGKILL');
      throw error;
    }
  }

  /** Ends the server in order, or with SIGKILL when that takes more than 12 s; waits for its end. */
  async stop() {
    if (!this.isRunning) return;
    this.#told = true;
    if (!windows) this.#child.kill('SIGCONT');
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.killNow(), stopGraceMs);
    await this.#ended;
    clearTimeout(timer);
  }

  /**
   * Sends a signal; waits for the end of the process unless the signal only stops or continues it.
   * @param {NodeJS.Signals} signal
   */
  async kill(signal) {
    if (!this.isRunning) return;
    const pausing = signal === 'SIGSTOP' || signal === 'SIGCONT';
    if (!pausing) this.#told = true;
    this.#child.kill(signal);
    if (!pausing) await this.#ended;
  }

  /** Sends SIGKILL and does not wait. */
  killNow() {
    this.#told = true;
    this.#child.kill('SIGKILL');
  }

  #log() {
    return readFileSync(this.#options.logFile).subarray(this.#logStart).toString();
  }

  /** @param {string} what */
  #failure(what) {
    const { title, logFile } = this.#options;
    const lines = this.#log()
      .split('\n')
      .filter((line) => line.trim() !== '' && !/^\s+(at |\.\.\. )/.test(line));
    // The last lines alone often only tell how the rest was closed after the error.
    const errors = lines.slice(0, -4).filter((line) => /\b(ERROR|FATAL)\b|Exception|Caused by/.test(line));
    const shown = [...errors.slice(-8), ...lines.slice(-4)].map((line) => `  ${line.slice(0, 300)}`);
    const how = this.#end === undefined ? '' : ` (${this.#end})`;
    return new Error(`${title} ${what}${how}. Last errors and lines of ${logFile}:\n${shown.join('\n')}`);
  }
}
